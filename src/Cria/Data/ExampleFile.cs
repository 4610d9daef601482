using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>Reads a file of records into examples that fit the length of a sequence, and counts what it did.</summary>
internal sealed class ExampleFile
{
    private readonly Rendering rendering;
    private readonly List<Example> examples = [];

    private ExampleFile(string path, RecordFormat format, ChatTemplate template, Rendering rendering, int maxLength)
    {
        this.rendering = rendering;
        Format = format;
        Report = new DataReport { File = path, Format = format.Name, Template = format.IsText ? template.Name : "none", MaxLength = maxLength };
    }

    public IReadOnlyList<Example> Examples => examples;

    public DataReport Report { get; }

    private RecordFormat Format { get; }

    /// <summary>Reads a whole file; at least one example is in the result.</summary>
    /// <exception cref="DataException">The file or a record is bad, or nothing in it is supervised.</exception>
    public static ExampleFile Read(
        string path, DataOptions options, ChatTemplate modelTemplate, Tokenizer? tokenizer, int vocabularySize, CancellationToken stop)
    {
        ExampleFile? file = null;
        foreach (var record in RecordFile.Read(path))
        {
            stop.ThrowIfCancellationRequested();
            file ??= Begin(path, record, options, modelTemplate, tokenizer, vocabularySize);
            file.Add(record);
        }
        if (file is null)
            throw DataException.Empty(path);
        return file.examples.Count > 0 ? file : throw DataException.NothingSupervised(path, file.Report.Records, file.Report.Cut > 0);
    }

    private static ExampleFile Begin(
        string path, DataRecord first, DataOptions options, ChatTemplate modelTemplate, Tokenizer? tokenizer, int vocabularySize)
    {
        var format = RecordFormat.Parse(options.Format) ?? RecordFormat.Of(first);
        if (format.IsText && tokenizer is null)
            throw DataException.NoTokenizer(path, format.Name);
        var template = ChatTemplate.Parse(options.Template)
            ?? (format is AlpacaRecords && modelTemplate == ChatTemplate.None ? ChatTemplate.Alpaca : modelTemplate);
        return new(path, format, template, new Rendering(tokenizer, template, options.TrainOnPrompt, vocabularySize), options.MaxLength!.Value);
    }

    private void Add(DataRecord record)
    {
        var example = Format.Read(record, rendering);
        Report.Records++;
        Report.Longest = Math.Max(Report.Longest, example.Tokens.Count);
        bool tooLong = example.Tokens.Count > Report.MaxLength;
        if (tooLong && Format.Divides)
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
