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

    /// <summary>Every key that is read, so that a recipe can say what a file calls it.</summary>
    public abstract IReadOnlyList<string> Fields { get; }

    /// <summary>Whether the records are text, so that a tokenizer is needed.</summary>
    public virtual bool IsText => true;

    /// <summary>Whether the records are conversations, which a template renders.</summary>
    public virtual bool IsConversation => IsText;

    /// <summary>Whether an example that is too long is divided; otherwise it is cut on the right.</summary>
    public virtual bool Divides => false;

    /// <summary>Whether a record looks like this format.</summary>
    public abstract bool Matches(DataRecord record);

    /// <summary>What a record says.</summary>
    /// <exception cref="DataException">It is bad.</exception>
    public abstract RecordContent Read(DataRecord record);

    public bool HasFields(IEnumerable<string> fields) => fields.All(field => field == RecordImage.Field || Fields.Contains(field));

    public static RecordFormat? Parse(string name) => All.FirstOrDefault(format => format.Name == name);

    /// <summary>The format of a record by its keys; where columns are named, one that has all of them.</summary>
    /// <exception cref="DataException">There is none.</exception>
    public static RecordFormat Of(DataRecord record)
    {
        var formats = record.Columns is { } columns ? All.Where(format => format.HasFields(columns.Keys)) : All;
        return formats.FirstOrDefault(format => format.Matches(record)) ?? throw DataException.UnknownFormat(record, formats);
    }
}
