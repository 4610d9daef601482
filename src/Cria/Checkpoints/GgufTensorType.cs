namespace Cria.Checkpoints;

/// <summary>How GGUF stores numbers: every type that is in use, by its number in the file. Sizes are of one block.</summary>
/// <remarks>Enumeration <c>ggml_type</c> of <see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>.</remarks>
/// <param name="Name">The name, in lower case, as <c>DataType</c> spells it.</param>
/// <param name="Elements">How many numbers share a block.</param>
/// <param name="Bytes">How many bytes a block takes.</param>
internal readonly record struct GgufTensorType(string Name, int Elements, int Bytes)
{
    private const uint Largest = 39;

    /// <summary>The type of that number, or null: a type from the future.</summary>
    public static GgufTensorType? Of(uint code) => code switch
    {
        0 => new("f32", 1, 4),
        1 => new("f16", 1, 2),
        2 => new("q4_0", 32, 18),
        3 => new("q4_1", 32, 20),
        6 => new("q5_0", 32, 22),
        7 => new("q5_1", 32, 24),
        8 => new("q8_0", 32, 34),
        10 => new("q2_k", 256, 84),
        11 => new("q3_k", 256, 110),
        12 => new("q4_k", 256, 144),
        13 => new("q5_k", 256, 176),
        14 => new("q6_k", 256, 210),
        15 => new("q8_k", 256, 292),
        16 => new("iq2_xxs", 256, 66),
        17 => new("iq2_xs", 256, 74),
        18 => new("iq3_xxs", 256, 98),
        19 => new("iq1_s", 256, 50),
        20 => new("iq4_nl", 32, 18),
        21 => new("iq3_s", 256, 110),
        22 => new("iq2_s", 256, 82),
        23 => new("iq4_xs", 256, 136),
        24 => new("i8", 1, 1),
        25 => new("i16", 1, 2),
        26 => new("i32", 1, 4),
        27 => new("i64", 1, 8),
        28 => new("f64", 1, 8),
        29 => new("iq1_m", 256, 56),
        30 => new("bf16", 1, 2),
        34 => new("tq1_0", 256, 54),
        35 => new("tq2_0", 256, 66),
        39 => new("mxfp4", 32, 17),
        _ => null,
    };

    /// <summary>The number of the type of that name, or null: the format does not know it.</summary>
    public static uint? CodeOf(string name)
    {
        for (uint code = 0; code <= Largest; code++)
        {
            if (Of(code)?.Name == name)
                return code;
        }
        return null;
    }
}
