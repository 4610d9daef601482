using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>Brings a model from one form of files into another: to a GGUF file where the name ends in <c>.gguf</c>, else to a Hugging Face folder.</summary>
/// <remarks>Tensors go through memory one after another and some rows at a time, so that the largest model needs no more than its largest piece.</remarks>
public static class ModelConverter
{
    private const string GgufEnding = ".gguf";

    // As if a single such file held a model: a folder of that name would surprise.
    private static readonly string[] OtherEndings = [".safetensors", ".bin", ".pth", ".pt", ".ggml"];

    /// <summary>Converts a model.</summary>
    /// <param name="from">A model as <see cref="Checkpoint.Open"/> takes it, or <c>cria-tiny</c>.</param>
    /// <param name="to">The file or folder to write; it appears complete or not at all.</param>
    /// <param name="options">Type, size of files, progress.</param>
    /// <param name="stop">Ends the conversion; nothing is left behind.</param>
    /// <exception cref="OptionsException">The type cannot be stored in that form.</exception>
    /// <exception cref="CheckpointException">The source cannot be read, or the target is there already or cannot be written.</exception>
    public static ConversionReport Convert(string from, string to, ConversionOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(options);
        var mix = Checked(to, options);
        using var device = new CpuBackend(options.Threads);
        using var model = ModelFiles.Open(from, device);
        return Write(model, to, mix, options, stop);
    }

    internal static ConversionReport Write(ModelFiles model, string to, TypeMix mix, ConversionOptions options, CancellationToken stop)
    {
        var meter = new ConversionMeter(model.Config.ParameterCount, options.Progress, stop);
        if (IsGguf(to))
            GgufModelFile.Write(model, mix, to, meter);
        else
            AtomicFolder.Write(to, folder => HuggingFaceModelFolder.Write(model, mix, folder, options.MaxShardBytes, meter));
        return new ConversionReport(to, model.Bytes, meter.Types.Sum(type => type.Bytes), meter.Types);
    }

    /// <summary>Collects everything that is wrong with the settings for writing there.</summary>
    /// <returns>The mix of types; null where there is none of that name.</returns>
    public static TypeMix? Check(string to, ConversionOptions options, Problems problems)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(problems);
        problems.UnlessOneOf("--type", options.Type.ToLowerInvariant(), TypeMix.Names);
        problems.Unless(options.MaxShardBytes > 0, "--max-shard-size: must be more than nothing.");
        var mix = TypeMix.Parse(options.Type);
        if (mix is not null && IsGguf(to))
            problems.Unless(mix.Single is not { } type || GgufTensorType.CodeOf(type.Name) is not null, $"--type: GGUF has no type {mix.Name}.");
        else if (mix is not null)
            problems.Unless(mix.KeepsTypes || (mix.Single is { } single && (single.IsFloat || BitsAndBytes.CanWrite(single))),
                $"--type: a Hugging Face folder cannot hold {mix.Name}: take f32, f16, bf16, nf4, nf4-dq or fp4, or name a .gguf file.");
        problems.Unless(!OtherEndings.Contains(Path.GetExtension(to), StringComparer.OrdinalIgnoreCase),
            $"--out: {to} would be one file, and a model is written as a folder of Hugging Face's or as a .gguf file. Leave {Path.GetExtension(to)} out.");
        problems.Unless(options.Force || !Path.Exists(to), IsThere(to));
        return mix;
    }

    private static TypeMix Checked(string to, ConversionOptions options)
    {
        var problems = new Problems();
        var mix = Check(to, options, problems);
        problems.ThrowIfAny();
        return mix!;
    }

    internal static string IsThere(string to) => $"--out: {to} is there already. Give another name, or --force to replace it.";

    internal static bool IsGguf(string path) => path.EndsWith(GgufEnding, StringComparison.OrdinalIgnoreCase);
}
