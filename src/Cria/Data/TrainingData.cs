using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>The sequences to learn from and those to measure with.</summary>
public sealed class TrainingData
{
    private TrainingData(IReadOnlyList<Sequence> train, DataReport report, IReadOnlyList<Sequence> validation, DataReport? validationReport) =>
        (Train, Report, Validation, ValidationReport) = (train, report, validation, validationReport);

    /// <summary>What to learn from: never empty.</summary>
    public IReadOnlyList<Sequence> Train { get; }

    /// <summary>What to measure with; may be empty.</summary>
    public IReadOnlyList<Sequence> Validation { get; }

    /// <summary>What was found in the training file.</summary>
    public DataReport Report { get; }

    /// <summary>What was found in the validation file, where there is one.</summary>
    public DataReport? ValidationReport { get; }

    /// <summary>Reads, renders and packs.</summary>
    /// <param name="options">The files and how to read them.</param>
    /// <param name="template">The model's own template; <see cref="ChatTemplate.None"/> for a base model.</param>
    /// <param name="tokenizer">The model's tokenizer. Only records of the format <c>tokens</c> can do without.</param>
    /// <param name="vocabularySize">How many token ids the model knows.</param>
    /// <param name="contextLength">The most tokens that the model takes.</param>
    /// <param name="seed">Chooses the examples of a validation share.</param>
    /// <param name="stop">Ends the reading early.</param>
    /// <exception cref="DataException">A file or a record is bad, or nothing is supervised.</exception>
    public static TrainingData Load(
        DataOptions options, ChatTemplate template, Tokenizer? tokenizer, int vocabularySize, int contextLength, int seed, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        int maxLength = options.MaxLengthFor(contextLength);
        ExampleFile Read(DataFiles files) => ExampleFile.Read(files, options with { MaxLength = maxLength }, template, tokenizer, vocabularySize, stop);
        IReadOnlyList<Sequence> Fill(IReadOnlyList<Example> examples) =>
            options.Packing ? Packing.Pack(examples, maxLength) : Packing.Apart(examples);

        var train = Read(options.Train);
        if (options.ValidationShare is { } share)
        {
            var (learned, measured) = Split(train, share, seed);
            return new(Fill(learned), train.Report, Fill(measured), null);
        }
        var validation = options.Validation is { } path ? Read(path) : null;
        return new(Fill(train.Examples), train.Report, validation is null ? [] : Fill(validation.Examples), validation?.Report);
    }

    private static (List<Example> Learned, List<Example> Measured) Split(ExampleFile file, double share, int seed)
    {
        int count = file.Examples.Count;
        if (count < 2)
            throw DataException.TooFewToSplit(file.Report.File, count);
        int measured = Math.Clamp((int)Math.Round(share * count), 1, count - 1);
        var chosen = Permutation.Of(count, (ulong)seed).Take(measured).ToHashSet();
        return ([.. file.Examples.Where((_, i) => !chosen.Contains(i))], [.. file.Examples.Where((_, i) => chosen.Contains(i))]);
    }
}
