namespace Cria.Data;

/// <summary>What can be wrong with one record. Only those up to <see cref="Conversation"/> stop a training run.</summary>
public enum DataFault
{
    /// <summary>It is not valid JSON, or not a row of its table.</summary>
    Syntax,

    /// <summary>Its keys belong to no format.</summary>
    UnknownFormat,

    /// <summary>A key of its format is missing.</summary>
    MissingField,

    /// <summary>A value is of another kind than its format expects.</summary>
    WrongKind,

    /// <summary>A message is by nobody who can speak in a conversation.</summary>
    UnknownRole,

    /// <summary>It shows an image that has no features, or features that do not fit.</summary>
    Image,

    /// <summary>Its messages do not fit the template: most often, their order does not.</summary>
    Conversation,

    /// <summary>An answer is empty: nothing but its end is learned.</summary>
    EmptyAnswer,

    /// <summary>No token is supervised: it is left out.</summary>
    NothingSupervised,

    /// <summary>It is longer than a sequence may be: its end is cut off.</summary>
    TooLong,
}
