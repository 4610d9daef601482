namespace Cria.Checkpoints;

/// <summary>The types of metadata, by their numbers in the file.</summary>
internal enum GgufValueType : uint
{
    U8, I8, U16, I16, U32, I32, F32, Flag, Text, Array, U64, I64, F64,
}

/// <summary>Where a value stands: it is decoded only when somebody asks for it.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Element">The type of the elements of an array; else the same.</param>
/// <param name="Count">How many elements there are.</param>
/// <param name="Position">Where the first one stands in the file.</param>
internal readonly record struct GgufValue(GgufValueType Type, GgufValueType Element, int Count, long Position)
{
    public bool IsArray => Type == GgufValueType.Array;

    /// <summary>As messages name it.</summary>
    public override string ToString()
    {
        string element = Element.ToString().ToLowerInvariant();
        return IsArray ? $"a list of {Count:N0} × {element}" : $"one {element}";
    }
}
