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
        string? shorter = type.Name switch
        {
            "q2_k" or "q3_k" => "q4_0",
            "q4_k" => "q5_0",
            "q5_k" => "q5_1",
            "q6_k" => "q8_0",
            _ => null,
        };
        return shorter is not null && DataType.Parse(shorter) is { } found && columns % found.BlockLength == 0 ? found : DataType.F16;
    }
}
