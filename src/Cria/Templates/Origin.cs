namespace Cria.Templates;

/// <summary>Who wrote a character: the template, a message, or other data; and whether a template marks it as generated.</summary>
/// <remarks>It goes with every character through all operations, so that only what the template wrote can become a special token.</remarks>
internal readonly record struct Origin(int Source, bool Generated = false)
{
    /// <summary>The template itself.</summary>
    public static readonly Origin Template = new(0);

    /// <summary>Data that belongs to no message, such as the description of a tool.</summary>
    public static readonly Origin Data = new(-1);

    public bool IsTemplate => Source == 0;

    /// <summary>The message of that index.</summary>
    public static Origin Message(int index) => new(index + 1);
}
