namespace Cria.Tensors;

/// <summary>Tensors were put together that do not fit: a mistake of the calling code, never of a file or a user.</summary>
public sealed class ShapeException : Exception
{
    private ShapeException(string message)
        : base(message)
    {
    }

    internal static ShapeException TooManyAxes(int count) => new($"A shape has at most {Shape.MaxRank} axes, got {count}.");

    internal static ShapeException NegativeLength(long length) => new($"An axis cannot have length {length}.");

    internal static ShapeException Mismatch(string op, string what, Shape expected, Shape found) =>
        new($"[{op}] {what}: expected {expected}, found {found}.");

    internal static ShapeException Length(string op, string what, long expected, long found) =>
        new($"[{op}] {what}: expected {expected}, found {found}.");

    internal static ShapeException Type(string op, DataType expected, DataType found) =>
        new($"[{op}] expected a tensor of type {expected}, found {found}.");

    internal static ShapeException Device(string op) => new($"[{op}] the tensors live on different devices.");

    internal static ShapeException Id(string op, int id, int count) =>
        new($"[{op}] id {id} lies outside of a table of {count} rows.");

    internal static ShapeException Range(string op, string what, int start, int count, int rows) =>
        new($"[{op}] {what}: {start} + {count} lie outside of {rows}.");

    internal static ShapeException Heads(string op, string what, Shape found, int headSize) =>
        new($"[{op}] the columns of the {what}: expected heads of {headSize}, found {found}.");

    internal static ShapeException Span(AttentionSpan span, string why) => new($"[Attend] {span}: {why}.");

    internal static ShapeException Gradient(string why) => new(why);
}
