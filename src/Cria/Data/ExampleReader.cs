using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>Reads files of records into examples that fit the length of a sequence, one at a time, and counts what it did.</summary>
internal sealed class ExampleReader
{
    private readonly DataFiles files;
    private readonly DataOptions options;
    private readonly RecordReader reader;
    private BadRecord? firstBad;

    /// <summary>A reader of some files.</summary>
    /// <param name="files">Read in this order.</param>
    /// <param name="options">How; <see cref="DataOptions.MaxLength"/> is set.</param>
    /// <param name="modelTemplate">The model's own template.</param>
    /// <param name="tokenizer">The model's tokenizer, or null.</param>
    /// <param name="vocabularySize">How many token ids the model knows.</param>
    public ExampleReader(DataFiles files, DataOptions options, ChatTemplate modelTemplate, Tokenizer? tokenizer, int vocabularySize)
    {
        (this.files, this.options) = (files, options);
        reader = new RecordReader(options, modelTemplate, tokenizer, vocabularySize);
        Report = new DataReport { File = files.ToString(), MaxLength = options.MaxLength!.Value };
    }

    /// <summary>What was found so far.</summary>
    public DataReport Report { get; }

    /// <summary>The examples in order; at least one, if nobody stops asking.</summary>
    /// <exception cref="DataException">A file or a record is bad, or nothing is supervised.</exception>
    public IEnumerable<Example> Read(CancellationToken stop)
    {
        foreach (var example in files.Paths.SelectMany(path => Read(path, stop)))
            yield return example;
        if (Report.Examples == 0)
            throw DataException.NothingSupervised(Report.File, Report.Records, Report.Cut > 0);
    }

    private IEnumerable<Example> Read(string path, CancellationToken stop)
    {
        int before = Report.Records;
        foreach (var record in reader.Read(path, Skip, stop))
        {
            Count(record, path);
            foreach (var example in Fit(record).Where(example => example.SupervisedTokens > 0))
            {
                Report.Count(example);
                yield return example;
            }
        }
        if (Report.Records == before)
            throw firstBad is { } bad && bad.Origin.File == path ? DataException.AllBad(bad) : DataException.Empty(path);
    }

    private void Skip(DataException bad)
    {
        if (!options.SkipBad)
            throw bad;
        Report.Skipped++;
        if (firstBad?.Origin.File != bad.Record!.Origin.File)
            firstBad = bad.Record;
    }

    private void Count(ReadRecord record, string path)
    {
        var example = record.Example ?? throw DataException.NoTokenizer(path, record.Format.Name);
        Report.Records++;
        Report.Longest = Math.Max(Report.Longest, example.Tokens.Count);
        (Report.Format, Report.Template) = (reader.Format, reader.Template);
    }

    private IReadOnlyList<Example> Fit(ReadRecord record)
    {
        var example = record.Example!;
        bool tooLong = example.Tokens.Count > Report.MaxLength;
        if (tooLong && record.Format.Divides)
        {
            Report.Divided++;
            return Divide(example);
        }
        Report.Cut += tooLong ? 1 : 0;
        var whole = tooLong ? example.Part(0, Report.MaxLength) : example;
        Report.LeftOut += whole.SupervisedTokens == 0 ? 1 : 0;
        return [whole];
    }

    // Each part begins with the last token of the one before: so every token of the text is predicted once.
    private List<Example> Divide(Example example)
    {
        var parts = new List<Example>();
        for (int start = 0; start < example.Tokens.Count - 1; start += Report.MaxLength - 1)
            parts.Add(example.Part(start, Math.Min(Report.MaxLength, example.Tokens.Count - start)));
        return parts;
    }
}
