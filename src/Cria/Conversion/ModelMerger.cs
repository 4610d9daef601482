using Cria.Checkpoints;
using Cria.Evaluation;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>Folds adapters into a model and writes it, a tensor at a time; and says by perplexity what the merge cost.</summary>
/// <remarks>
/// An adapter that was trained over quantised weights has learnt to correct their errors, too. Folded into the dequantised weights it stays what it
/// was; folded into the original ones the correction has nothing left to correct, which usually costs a little.
/// </remarks>
public static class ModelMerger
{
    private const int Window = 2_048;

    /// <summary>Merges.</summary>
    /// <param name="from">The base.</param>
    /// <param name="to">The file or folder to write.</param>
    /// <param name="options">Adapters, target, type.</param>
    /// <param name="stop">Ends the merge; nothing is left behind.</param>
    /// <exception cref="OptionsException">The settings contradict each other or the model, or the method cannot be folded into weights.</exception>
    /// <exception cref="CheckpointException">A file cannot be read or written, or an adapter belongs to another base.</exception>
    public static MergeReport Merge(string from, string to, MergeOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new Problems();
        var mix = ModelConverter.Check(to, options.Conversion, problems);
        problems.Unless(options.Adapters.Count > 0, "--adapter: name at least one.");
        var onto = Target(from, options, problems);
        problems.ThrowIfAny();

        string text = options.Text ?? SampleText.Read();
        int[] tokens = [];
        double? before = null;
        ConversionReport? written = null;
        bool loadsOriginal = onto == MergeTarget.Original && options.BaseType is not null;       // what was trained over is not what is written
        using (var llama = Load(from, options, options.BaseType))
        {
            tokens = llama.HasTokenizer ? llama.Tokenizer.Encode(text, addBegin: true) : [];
            before = Perplexity(llama, tokens);
            if (!loadsOriginal)
                written = Write(llama, from, to, mix!, options, stop);
        }
        if (written is null)
        {
            using var original = Load(from, options, baseType: null);
            written = Write(original, from, to, mix!, options, stop);
        }
        using var merged = Llama.Load(to, new LlamaOptions { Threads = options.Conversion.Threads });
        return new MergeReport(written, onto, tokens.Length, before, Perplexity(merged, tokens));
    }

    private static MergeTarget Target(string from, MergeOptions options, Problems problems)
    {
        using var device = new CpuBackend(threads: 1);
        using var model = ModelFiles.Open(from, device);
        var stored = model.Weights.Tensors.Values.Select(info => info.Type).FirstOrDefault(type => type is { IsFloat: false });
        var onto = options.Onto ?? (stored is not null || options.BaseType is not null ? MergeTarget.Dequantized : MergeTarget.Original);
        problems.Unless(onto == MergeTarget.Dequantized || stored is null,
            $"--onto original: {from} is stored as {stored}. Give the weights from before as MODEL, and --base-type {stored}.");
        problems.Unless(onto == MergeTarget.Original || stored is not null || options.BaseType is not null,
            $"--onto dequantized: the weights of {from} are not quantised. Say with --base-type what the adapter was trained over (base.type of its recipe).");
        return onto;
    }

    private static Llama Load(string from, MergeOptions options, DataType? baseType)
    {
        var llama = Llama.Load(from, new LlamaOptions { Threads = options.Conversion.Threads, BaseType = baseType });
        try
        {
            var problems = new Problems();
            foreach (var (path, scale) in options.Adapters)
            {
                var adapter = llama.LoadAdapter(path);
                adapter.Scale = scale;
                if (adapter.Options.Unmergeable is { } reason)
                    problems.Add($"--adapter {path}: {reason} Use it as it is: every verb takes --adapter.");
            }
            problems.ThrowIfAny();
            return llama;
        }
        catch
        {
            llama.Dispose();
            throw;
        }
    }

    private static ConversionReport Write(Llama llama, string from, string to, TypeMix mix, MergeOptions options, CancellationToken stop)
    {
        using var weights = new MergedCheckpoint(llama.Checkpoint, llama.Model);
        using var files = new ModelFiles(weights, CriaTiny.PlaceOf(from));
        return ModelConverter.Write(files, to, mix, options.Conversion, stop) with { BytesIn = llama.Checkpoint.Tensors.Values.Sum(info => info.Type?.Bytes(info.Shape.Length) ?? 0) };
    }

    private static double? Perplexity(Llama llama, int[] tokens) => tokens.Length < 2
        ? null
        : ScoredSequence.Perplexity([new Scorer(llama.Model).Score(tokens, Math.Min(Window, llama.Model.Config.ContextLength))]);
}
