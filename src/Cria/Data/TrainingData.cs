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
        (IReadOnlyList<Example> Examples, DataReport Report) Read(DataFiles files)
        {
            var reader = new ExampleReader(files, options with { MaxLength = maxLength }, template, tokenizer, vocabularySize);
            return ([.. reader.Read(stop)], reader.Report);
        }
        IReadOnlyList<Sequence> Fill(IReadOnlyList<Example> examples) =>
            options.Packing ? Packing.Pack(examples, maxLength) : Packing.Apart(examples);

        var train = Read(options.Train);
        if (options.ValidationShare is { } share)
        {
            var (learned, measured) = Split(train.Examples, train.Report.File, share, seed);
            return new(Fill(learned), train.Report, Fill(measured), null);
        }
        if (options.Validation is not { } path)
            return new(Fill(train.Examples), train.Report, [], null);
        var validation = Read(path);
        return new(Fill(train.Examples), train.Report, Fill(validation.Examples), validation.Report);
    }

    /// <summary>The examples of the training files one by one, as <see cref="Load"/> reads them, before they are packed.</summary>
    /// <inheritdoc cref="Load"/>
    public static IEnumerable<Example> Examples(
        DataOptions options, ChatTemplate template, Tokenizer? tokenizer, int vocabularySize, int contextLength, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var fitted = options with { MaxLength = options.MaxLengthFor(contextLength) };
        return new ExampleReader(options.Train, fitted, template, tokenizer, vocabularySize).Read(stop);
    }

    private static (List<Example> Learned, List<Example> Measured) Split(IReadOnlyList<Example> examples, string file, double share, int seed)
    {
        int count = examples.Count;
        if (count < 2)
            throw DataException.TooFewToSplit(file, count);
        int measured = Math.Clamp((int)Math.Round(share * count), 1, count - 1);
        var chosen = Permutation.Of(count, (ulong)seed).Take(measured).ToHashSet();
        return ([.. examples.Where((_, i) => !chosen.Contains(i))], [.. examples.Where((_, i) => chosen.Contains(i))]);
    }
}
