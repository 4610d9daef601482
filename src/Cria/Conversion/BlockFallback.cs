using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>What takes the place of a type whose blocks a row does not divide into: a type of about as many bits with shorter blocks, or half precision.</summary>
/// <remarks>The same replacements as llama.cpp's, so that a file of ours and one of theirs hold the same types.</remarks>
internal static class BlockFallback
{
    public static DataType Fit(DataType type, int columns)
    {
        if (columns % type.BlockLength == 0)
            return type;
        var shorter = type.Name switch
        {
            "q2_k" or "q3_k" => Writable("iq4_nl") ?? DataType.Q4,
            "q4_k" => Writable("q5_0"),
            "q5_k" => Writable("q5_1"),
            "q6_k" => DataType.Q8,
            _ => null,
        };
        return shorter is not null && columns % shorter.BlockLength == 0 ? shorter : DataType.F16;
    }

    private static DataType? Writable(string name) => DataType.Parse(name) is { CanWrite: true } type ? type : null;
}
