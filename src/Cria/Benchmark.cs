using System.Diagnostics;
using Cria.Generation;
using Cria.Models;
using Cria.Peft;
using Cria.Planning;
using Cria.Tensors;
using Cria.Training;

namespace Cria;

/// <summary>What to measure.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Prompt tokens that are read in one pass; 0 leaves the test out.</summary>
    public int Prompt { get; set; } = 512;

    /// <summary>Tokens that are generated one by one; 0 leaves the test out.</summary>
    public int Generate { get; set; } = 64;

    /// <summary>Tokens that stand before those that are generated.</summary>
    public int Depth { get; set; }

    /// <summary>Sequences that are generated together.</summary>
    public int Sequences { get; set; } = 1;

    /// <summary>How each token is chosen, though the next one is given; greedily unless set.</summary>
    public SamplingOptions Sampling { get; set; } = new();

    /// <summary>Whether LoRA training steps are measured too.</summary>
    public bool Train { get; set; }

    /// <summary>Methods to measure generating with, and with <see cref="Train"/> training too.</summary>
    public IReadOnlyList<MethodPreset> Methods { get; set; } = [];

    /// <summary>Sequences of a training step.</summary>
    public int TrainSequences { get; set; } = 4;

    /// <summary>Tokens of each of them.</summary>
    public int TrainLength { get; set; } = 256;

    /// <summary>The rank of the LoRA on every linear layer.</summary>
    public int TrainRank { get; set; } = 8;

    /// <summary>Whether the layers are computed a second time in the backward pass.</summary>
    public bool Recompute { get; set; }

    /// <summary>With <see cref="Recompute"/> on a card: whether what is kept of each layer waits in host memory.</summary>
    public bool HostActivations { get; set; }

    /// <summary>The optimizer of training steps: one of <see cref="Benchmark.Optimizers"/>.</summary>
    public string Optimizer { get; set; } = Moments.Float;

    /// <summary>How often each test is measured, after one pass that is not counted.</summary>
    public int Repeat { get; set; } = 3;

    /// <summary>Called before each measured pass, for what is to be measured by turns with it, such as the machine's limits.</summary>
    public Action? BeforeEach { get; set; }
}

/// <summary>One measured test.</summary>
/// <param name="Test"><c>pp512</c>: a prompt of 512. <c>tg64</c>: 64 tokens one by one; <c>tg64@512</c> after 512, <c>tg64x8</c> of eight sequences together. <c>train4x256</c>: LoRA steps.</param>
/// <param name="TokensPerSecond">One figure for each repetition, sorted.</param>
/// <param name="FlopPerToken">Multiplications and additions that the model itself needs for a token.</param>
/// <param name="BytesPerToken">Bytes of weights that must be read for a token, where that is the limit.</param>
/// <param name="ResidentBytes">The memory after each repetition, in their order: of the whole process, or on a card the most that tensors of it took.</param>
public sealed record BenchmarkResult(
    string Test, IReadOnlyList<double> TokensPerSecond, double FlopPerToken, double BytesPerToken, IReadOnlyList<long> ResidentBytes)
{
    /// <summary>The middle one of the repetitions.</summary>
    public double Median => TokensPerSecond[TokensPerSecond.Count / 2];
}

/// <summary>Measures a model: reading a prompt, generating, and a LoRA step.</summary>
public sealed class Benchmark(LlamaModel model, BenchmarkOptions options)
{
    private CancellationToken stop;

    private readonly int[] tokens = [.. Enumerable.Range(0, Math.Max(Math.Max(options.Prompt, options.Depth + options.Generate), options.TrainSequences * options.TrainLength) + 1)
        .Select(i => (int)(RandomSource.Mix(1, (ulong)i) % (ulong)model.Config.VocabularySize))];

    // N without the embedding, from which only single rows are read; a tied head is counted, since it is multiplied with.
    private readonly long weights = model.Config.ParameterCount - (model.Config.TiedHead ? 0 : (long)model.Config.VocabularySize * model.Config.HiddenSize);

    // Counted while no adapter stands before the weights.
    private readonly double bytes = model.Parameters.Where(parameter => parameter != model.Embedding || model.Config.TiedHead)
        .Sum(parameter => (double)parameter.Value.Storage.Length);

    /// <summary>The optimizers that can be measured: those that keep no file.</summary>
    public static IReadOnlyList<string> Optimizers { get; } = [.. Moments.Kinds.Where(kind => kind != Moments.Paged)];

    /// <summary>Runs the tests one after another.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled. It is looked at before each pass.</exception>
    public IEnumerable<BenchmarkResult> Run(CancellationToken stop = default)
    {
        this.stop = stop;
        if (options.Prompt > 0)
            yield return Prefill();
        if (options.Generate > 0)
            yield return Decode(Generating);
        foreach (var method in options.Generate > 0 ? options.Methods : [])
            yield return With(method.Options, _ => Decode($"{Generating} {method.Name}"));
        string train = $"train{options.TrainSequences}x{options.TrainLength}";
        if (options.Train)
            yield return With(new LoraOptions { Rank = options.TrainRank }, lora => Train(train, lora));
        foreach (var method in options.Train ? options.Methods : [])
            yield return With(method.Options, adapter => Train($"{train} {method.Name}", adapter));
    }

    private string Generating =>
        $"tg{options.Generate}{(options.Depth > 0 ? $"@{options.Depth}" : "")}{(options.Sequences > 1 ? $"x{options.Sequences}" : "")}";

    private BenchmarkResult With(PeftOptions method, Func<Adapter, BenchmarkResult> measure)
    {
        var adapter = method.Attach(model, seed: 1);
        try
        {
            return measure(adapter);
        }
        finally
        {
            adapter.Detach();
        }
    }

    // The head is only needed for the last token of a prompt: it is not counted.
    private BenchmarkResult Prefill()
    {
        int[] prompt = tokens[..options.Prompt];
        long body = weights - (long)model.Config.VocabularySize * model.Config.HiddenSize;
        return Measure($"pp{prompt.Length}", prompt.Length, 2.0 * body, 0, prepare: () => { }, () =>
        {
            using var off = Gradients.Off();
            using var scope = TensorScope.Begin();
            var hidden = model.Forward(prompt, ForwardContext.Sequences(prompt.Length));
            var last = model.Device.Empty(new Shape(1, hidden.Shape.Columns), hidden.Type);
            model.Device.CopyRows(hidden, prompt.Length - 1, last, 0, 1);
            model.Logits(last);
        });
    }

    // As a user would generate: each token is chosen before the next one is begun. Which one comes next is given, so that runs are alike.
    private BenchmarkResult Decode(string test)
    {
        var samplers = Enumerable.Range(0, options.Sequences).Select(_ => new Sampler(options.Sampling)).ToArray();
        using var passes = new CachedPasses(model, samplers.Length, options.Depth + options.Generate) { Samplers = samplers };
        return Measure(test, options.Generate * samplers.Length, 2.0 * weights, bytes / samplers.Length, () => Fill(passes.Cache), () =>
        {
            for (int i = 0; i < options.Generate; i++)
            {
                stop.ThrowIfCancellationRequested();
                var outlooks = passes.Step([.. samplers.Select((_, sequence) => (sequence, tokens[options.Depth + i]))]);
                for (int sequence = 0; sequence < samplers.Length; sequence++)
                    samplers[sequence].Next(outlooks[sequence]);
            }
        });
    }

    // Every sequence begins with the same tokens.
    private void Fill(KeyValueCache cache)
    {
        using var off = Gradients.Off();
        for (int sequence = 0; sequence < options.Sequences; sequence++)
        {
            cache.Truncate(sequence, 0);
            if (options.Depth == 0)
                continue;
            using var scope = TensorScope.Begin();
            model.Forward(tokens[..options.Depth], cache.Continue((sequence, options.Depth)));
        }
    }

    private BenchmarkResult Train(string test, Adapter adapter)
    {
        int count = options.TrainSequences * options.TrainLength;
        int[] lengths = [.. Enumerable.Repeat(options.TrainLength, options.TrainSequences)];
        int[] targets = tokens[1..(count + 1)];
        using var moments = Moments.Create(options.Optimizer, adapter.Trained, folder: "");
        using var steps = new MicroSteps(model, adapter.Trained);
        int step = 0;
        Step();         // what comes a second time is recorded: that is no measured step either
        return Measure(test, count, FlopOf(adapter) / count, 0, prepare: () => { }, Step);

        void Step()
        {
            var context = ForwardContext.Sequences(lengths, training: true, seed: 1, options.Recompute, options.HostActivations);
            steps.AddGradients(tokens[..count], targets, context, 1f / count);
            step++;
            moments.Use([.. Enumerable.Range(0, adapter.Trained.Count)], states => model.Device.AdamW(
                [.. states.Select(one => (adapter.Trained[one.Index].Value, adapter.Trained[one.Index].Value.Gradient!, one.Mean, one.Square))], new AdamWOptions { LearningRate = 1e-4 }, step));
            foreach (var parameter in adapter.Trained)
                parameter.Value.ZeroGradient();
        }
    }

    // LoRA: forward 2 N and the input's gradient 2 N, as the frozen base has no weight gradient, and its own products are small. Others by what they do.
    private double FlopOf(Adapter adapter) => adapter.Options is LoraOptions
        ? 4.0 * weights * options.TrainSequences * options.TrainLength
        : new Planner(model.Config, new TrainingOptions()).Plan(adapter.Options, options.TrainSequences, options.TrainLength).Flop;

    private BenchmarkResult Measure(string test, int tokensPerRun, double flop, double bytes, Action prepare, Action run)
    {
        stop.ThrowIfCancellationRequested();
        prepare();
        run();
        model.Device.Synchronize();
        var speeds = new List<double>();
        var resident = new List<long>();
        for (int i = 0; i < options.Repeat; i++)
        {
            stop.ThrowIfCancellationRequested();
            options.BeforeEach?.Invoke();
            prepare();
            model.Device.Synchronize();
            long start = Stopwatch.GetTimestamp();
            run();
            model.Device.Synchronize();
            speeds.Add(tokensPerRun / Stopwatch.GetElapsedTime(start).TotalSeconds);
            resident.Add(model.Device == model.Device.Host ? Environment.WorkingSet : model.Device.MostMemoryBytes);
        }
        speeds.Sort();
        return new BenchmarkResult(test, speeds, flop, bytes, resident);
    }
}
