using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>Reads files of records into examples that fit the length of a sequence, and counts what it did.</summary>
internal sealed class ExampleFile
{
    private readonly RecordReader reader;
    private readonly DataOptions options;
    private readonly List<Example> examples = [];
    private BadRecord? firstBad;

    private ExampleFile(DataFiles files, DataOptions options, RecordReader reader)
    {
        (this.options, this.reader) = (options, reader);
        Report = new DataReport { File = files.ToString(), MaxLength = options.MaxLength!.Value };
    }

    public IReadOnlyList<Example> Examples => examples;

    public DataReport Report { get; }

    /// <summary>Reads whole files; at least one example is in the result.</summary>
    /// <exception cref="DataException">A file or a record is bad, or nothing in it is supervised.</exception>
    public static ExampleFile Read(
        DataFiles files, DataOptions options, ChatTemplate modelTemplate, Tokenizer? tokenizer, int vocabularySize, CancellationToken stop)
    {
        var reader = new RecordReader(options, modelTemplate, tokenizer, vocabularySize);
        var file = new ExampleFile(files, options, reader);
        foreach (string path in files.Paths)
            file.Read(path, stop);
        (file.Report.Format, file.Report.Template) = (reader.Format, reader.Template);
        return file.examples.Count > 0 ? file : throw DataException.NothingSupervised(file.Report.File, file.Report.Records, file.Report.Cut > 0);
    }

    private void Read(string path, CancellationToken stop)
    {
        int before = Report.Records;
        foreach (var record in reader.Read(path, Skip, stop))
            Add(record, path);
        if (Report.Records == before)
            throw firstBad is { } bad && bad.Origin.File == path ? DataException.AllBad(bad, Report.Skipped) : DataException.Empty(path);
    }

    private void Skip(DataException bad)
    {
        if (!options.SkipBad)
            throw bad;
        Report.Skipped++;
        firstBad ??= bad.Record;
    }

    private void Add(ReadRecord record, string path)
    {
        var example = record.Example ?? throw DataException.NoTokenizer(path, record.Format.Name);
        Report.Records++;
        Report.Longest = Math.Max(Report.Longest, example.Tokens.Count);
        bool tooLong = example.Tokens.Count > Report.MaxLength;
        if (tooLong && record.Format.Divides)
            Divide(example);
        else if (tooLong)
            Cut(example);
        else if (!Keep(example))
            Report.LeftOut++;
    }

    private void Cut(Example example)
    {
        Report.Cut++;
        if (!Keep(Part(example, 0, Report.MaxLength)))
            Report.LeftOut++;
    }

    // Each part begins with the last token of the one before: so every token of the text is predicted once.
    private void Divide(Example example)
    {
        Report.Divided++;
        for (int start = 0; start < example.Tokens.Count - 1; start += Report.MaxLength - 1)
            Keep(Part(example, start, Math.Min(Report.MaxLength, example.Tokens.Count - start)));
    }

    private bool Keep(Example example)
    {
        if (example.SupervisedTokens == 0)
            return false;
        examples.Add(example);
        Report.Count(example);
        return true;
    }

    private static Example Part(Example whole, int start, int length)
    {
        int[] tokens = [.. whole.Tokens.Skip(start).Take(length)];
        int[] labels = ReferenceEquals(whole.Tokens, whole.Labels) ? tokens : [.. whole.Labels.Skip(start).Take(length)];
        return new Example(tokens, labels, whole.Origin);
    }
}
