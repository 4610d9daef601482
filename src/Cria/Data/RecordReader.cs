using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>A record, understood and rendered.</summary>
/// <param name="Origin">Where it stands.</param>
/// <param name="Format">Its format.</param>
/// <param name="Content">What it says.</param>
/// <param name="Image">What it shows, or null.</param>
/// <param name="Example">What is learned of it, of any length; null where there is no tokenizer.</param>
internal sealed record ReadRecord(RecordOrigin Origin, RecordFormat Format, RecordContent Content, RecordImage? Image, Example? Example);

/// <summary>Goes through files of records and renders each. Training, checking and preview all read through here.</summary>
internal sealed class RecordReader(DataOptions options, ChatTemplate modelTemplate, Tokenizer? tokenizer, int vocabularySize)
{
    private readonly HashSet<string> formats = [], templates = [];

    /// <summary>The formats that were found, as a report names them.</summary>
    public string Format => string.Join(", ", formats);

    /// <summary>The templates that conversations were rendered with.</summary>
    public string Template => templates.Count > 0 ? string.Join(", ", templates) : "none";

    /// <summary>The records of a file, in order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bad">Is told of a bad record; the reading goes on behind it, if this returns.</param>
    /// <param name="stop">Ends the reading early.</param>
    /// <exception cref="DataException">The file cannot be read, or not any further.</exception>
    public IEnumerable<ReadRecord> Read(string path, Action<DataException> bad, CancellationToken stop)
    {
        var columns = options.Columns.Count > 0 ? options.Columns : null;
        (RecordFormat Format, Rendering? Rendering)? chosen = null;
        foreach (var raw in RecordFile.Read(path, bad, Wanted()))
        {
            stop.ThrowIfCancellationRequested();
            ReadRecord read;
            try
            {
                var record = raw with { Columns = columns, LastToken = vocabularySize - 1 };
                chosen ??= Choose(record);
                var (format, rendering) = chosen.Value;
                var content = format.Read(record);
                var image = RecordImage.Of(record);
                read = new ReadRecord(record.Origin, format, content, image, rendering?.Example(content, record.Origin).Showing(image));
            }
            catch (DataException wrong) when (wrong.Record is not null)
            {
                bad(wrong);
                continue;
            }
            yield return read;
        }
    }

    private HashSet<string> Wanted() =>
        [.. RecordFormat.All.SelectMany(format => format.Fields).Append(RecordImage.Field).Select(field => options.Columns.GetValueOrDefault(field) ?? field)];

    // By the first record of a file that can be told: a file has one format.
    private (RecordFormat, Rendering?) Choose(DataRecord first)
    {
        var format = RecordFormat.Parse(options.Format) ?? RecordFormat.Of(first);
        var template = ChatTemplate.Parse(options.Template)
            ?? (format is AlpacaRecords && modelTemplate == ChatTemplate.None && options.Template != ChatTemplate.Own ? ChatTemplate.Alpaca : modelTemplate);
        formats.Add(format.Name);
        if (format.IsConversation)
            templates.Add(template.Name);
        return (format, tokenizer is null && format.IsText ? null : new Rendering(tokenizer, template, options.TrainOnPrompt));
    }
}
