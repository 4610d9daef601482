namespace Cria.Data;

/// <summary>How a record becomes an example. The list below is the catalogue: one line registers a format.</summary>
internal abstract class RecordFormat
{
    public static IReadOnlyList<RecordFormat> All { get; } =
    [
        new PromptCompletionRecords(), new MessagesRecords(), new ShareGptRecords(), new AlpacaRecords(), new TextRecords(), new TokensRecords(),
    ];

    /// <summary>The name that recipes use.</summary>
    public abstract string Name { get; }

    /// <summary>The keys of a record, as messages show them.</summary>
    public abstract string Keys { get; }

    /// <summary>Whether the records are text, so that a tokenizer is needed.</summary>
    public virtual bool IsText => true;

    /// <summary>Whether an example that is too long is divided; otherwise it is cut on the right.</summary>
    public virtual bool Divides => false;

    /// <summary>Whether a record looks like this format.</summary>
    public abstract bool Matches(DataRecord record);

    /// <summary>The example of a record, of any length.</summary>
    public abstract Example Read(DataRecord record, Rendering rendering);

    public static RecordFormat? Parse(string name) => All.FirstOrDefault(format => format.Name == name);

    /// <summary>The format of a record by its keys.</summary>
    public static RecordFormat Of(DataRecord record) =>
        All.FirstOrDefault(format => format.Matches(record)) ?? throw DataException.UnknownFormat(record.Origin, record.Keys, All);
}
