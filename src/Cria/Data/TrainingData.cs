using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>
/// The sequences to learn from and those to measure with. What does not fit a little memory stands in a temporary file until this is
/// disposed of, and each sequence is read when it is asked for: the records may be more than the memory holds.
/// </summary>
public sealed class TrainingData : IDisposable
{
    private readonly List<ExampleStore> stores = [];
    private readonly DataOptions options;
    private readonly int maxLength;
    private StoredSequences train = null!;

    private TrainingData(DataOptions options, int maxLength) => (this.options, this.maxLength) = (options, maxLength);

    /// <summary>What to learn from: never empty.</summary>
    public IReadOnlyList<Sequence> Train => train;

    /// <summary>What to measure with; may be empty.</summary>
    public IReadOnlyList<Sequence> Validation { get; private set; } = [];

    /// <summary>What was found in the training files.</summary>
    public DataReport Report { get; private set; } = null!;

    /// <summary>What was found in the validation file, where there is one.</summary>
    public DataReport? ValidationReport { get; private set; }

    /// <summary>What records show, of those to learn from and those to measure with.</summary>
    internal IEnumerable<(RecordOrigin Origin, RecordImage Image)> Images => stores.SelectMany(store => store.Images);

    /// <summary>Tokens of all sequences to learn from.</summary>
    internal long TrainTokens { get; private set; }

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
        var fitted = options with { MaxLength = options.MaxLengthFor(contextLength) };
        var data = new TrainingData(fitted, fitted.MaxLength.Value);
        try
        {
            data.Load(files => new ExampleReader(files, fitted, template, tokenizer, vocabularySize), seed, stop);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>The examples of the training files one by one, as <see cref="Load(DataOptions, ChatTemplate, Tokenizer?, int, int, int, CancellationToken)"/> reads them, before they are packed.</summary>
    /// <inheritdoc cref="Load(DataOptions, ChatTemplate, Tokenizer?, int, int, int, CancellationToken)"/>
    public static IEnumerable<Example> Examples(
        DataOptions options, ChatTemplate template, Tokenizer? tokenizer, int vocabularySize, int contextLength, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var fitted = options with { MaxLength = options.MaxLengthFor(contextLength) };
        return new ExampleReader(options.Train, fitted, template, tokenizer, vocabularySize).Read(stop);
    }

    /// <summary>The sequences to learn from that have the most tokens, the longest first; the others are not read for it.</summary>
    public IReadOnlyList<Sequence> Longest(int count) =>
        [.. Enumerable.Range(0, train.Count).OrderByDescending(train.LengthOf).Take(count).Select(i => train[i])];

    /// <summary>Whether a sequence to learn from, which is not read for it, shows an image.</summary>
    internal bool ShowsImages(int sequence) => train.ShowsImages(sequence);

    /// <summary>Takes the temporary files away.</summary>
    public void Dispose()
    {
        foreach (var store in stores)
            store.Dispose();
    }

    private void Load(Func<DataFiles, ExampleReader> reader, int seed, CancellationToken stop)
    {
        var (store, report) = Read(reader(options.Train), stop);
        Report = report;
        int[] learned = [.. Enumerable.Range(0, store.Count)];
        if (options.ValidationShare is { } share)
        {
            (learned, int[] measured) = Split(store.Count, report.File, share, seed);
            Validation = Fill(store, measured);
        }
        else if (options.Validation is { } path)
        {
            (var validation, ValidationReport) = Read(reader(path), stop);
            Validation = Fill(validation, [.. Enumerable.Range(0, validation.Count)]);
        }
        train = Fill(store, learned);
        TrainTokens = learned.Sum(number => (long)store.TokensOf(number));
    }

    private (ExampleStore Store, DataReport Report) Read(ExampleReader reader, CancellationToken stop)
    {
        var store = new ExampleStore();
        stores.Add(store);
        foreach (var example in reader.Read(stop))
            store.Add(example);
        return (store, reader.Report);
    }

    private StoredSequences Fill(ExampleStore store, int[] numbers)
    {
        if (!options.Packing)
            return new(store, numbers, null);
        List<int> order = [], starts = [0];

        // What shows an image is packed apart from what shows none: joint training tells its batches apart by that.
        foreach (int[] kind in numbers.GroupBy(store.ShowsImage).Select(kind => kind.ToArray()))
        {
            int before = order.Count;
            int[] places = Packing.Pack(kind.Length, i => store.TokensOf(kind[i]), maxLength, out int sequences);
            var (examples, ends) = Packing.Sort(places, sequences);
            order.AddRange(examples.Select(i => kind[i]));
            starts.AddRange(ends.Skip(1).Select(end => before + end));
        }
        return new(store, [.. order], [.. starts]);
    }

    private static (int[] Learned, int[] Measured) Split(int count, string file, double share, int seed)
    {
        if (count < 2)
            throw DataException.TooFewToSplit(file, count);
        int measured = Math.Clamp((int)Math.Round(share * count), 1, count - 1);
        var chosen = Permutation.Of(count, (ulong)seed).Take(measured).ToHashSet();
        return ([.. Enumerable.Range(0, count).Where(i => !chosen.Contains(i))], [.. Enumerable.Range(0, count).Where(chosen.Contains)]);
    }
}
