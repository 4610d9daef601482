namespace Cria.Tensors;

/// <summary>How the terms of a panel are laid out: one after another, or in parts that share scales, two terms to a step.</summary>
/// <param name="Part">The terms of a part; 0 for plain floats.</param>
/// <param name="HeadLines">Lines of scales before each part.</param>
internal readonly record struct TileShape(int Part, int HeadLines)
{
    public static TileShape Plain => default;

    public static TileShape OfParts(int part, int headLines) => new(part, headLines);

    public bool IsPlain => Part == 0;

    /// <summary>How many parts so many terms are.</summary>
    public int Parts(int terms) => IsPlain ? 1 : terms / Part;

    /// <summary>The steps of a part.</summary>
    public int Steps(int terms) => IsPlain ? terms : Part / 2;

    /// <summary>What so many terms of so many lanes take, in floats.</summary>
    public int PanelFloats(int width, int terms) => IsPlain ? width * terms : terms / Part * PartFloats(width);

    /// <summary>What one part takes, in floats.</summary>
    public int PartFloats(int width) => width * (HeadLines + Part / 2);
}
