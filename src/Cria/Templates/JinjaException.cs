namespace Cria.Templates;

/// <summary>A template that cannot be read, or that fails on its data.</summary>
internal sealed class JinjaException : Exception
{
    public JinjaException(string reason)
        : base(reason)
    {
    }

    public JinjaException(string reason, Place place)
        : base($"{place}: {reason}") => Place = place;

    /// <summary>Where it happened; null until the nearest expression or statement is known.</summary>
    public Place? Place { get; }

    /// <summary>The same, at a place, unless it has one already.</summary>
    public JinjaException At(Place place) => Place is null ? new JinjaException(Message, place) : this;
}
