namespace Cria.Tensors;

/// <summary>Checks that an op makes once, where it uses the value.</summary>
internal static class Expect
{
    public static void SameShape(string op, Tensor a, Tensor b)
    {
        if (a.Shape != b.Shape)
            throw ShapeException.Mismatch(op, "the shapes differ", a.Shape, b.Shape);
    }

    public static void Shape(string op, string what, Shape expected, Tensor found)
    {
        if (found.Shape != expected)
            throw ShapeException.Mismatch(op, what, expected, found.Shape);
    }

    public static void Columns(string op, string what, long expected, Tensor found) =>
        SameLength(op, what, expected, found.Shape.Columns);

    public static void SameLength(string op, string what, long expected, long found)
    {
        if (expected != found)
            throw ShapeException.Length(op, what, expected, found);
    }

    public static void Type(string op, DataType expected, Tensor found)
    {
        if (found.Type != expected)
            throw ShapeException.Type(op, expected, found.Type);
    }

    /// <summary>An activation, or a trained tensor, which is f32 on every device.</summary>
    public static void Activation(string op, Tensor found)
    {
        if (found.Type != DataType.F32 && found.Type != found.Device.ActivationType)
            throw ShapeException.Type(op, found.Device.ActivationType, found.Type);
    }

    /// <summary>An activation, or rows of a cache.</summary>
    public static void Cached(string op, Tensor found)
    {
        if (!found.Device.CacheTypes.Contains(found.Type))
            Activation(op, found);
    }

    public static void Range(string op, string what, int start, int count, int rows)
    {
        if (start < 0 || count < 0 || start > rows - count)
            throw ShapeException.Range(op, what, start, count, rows);
    }
}
