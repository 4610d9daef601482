namespace Cria.Tests.Tokenizers;

/// <summary>Texts that tokenizers get wrong.</summary>
internal static class Texts
{
    public static TheoryData<string> RoundTrips =>
    [
        "", " ", "   ", "a", " a", "  a  ", "\n", "\r\n", "a\r\nb\r\n\r\nc", "\t\tx", "3.14159 1234567890 ½ Ⅻ",
        "I'm we'LL 'S 'ſ it's", "naïve façade e\u0301", "日本語のテキスト", "𐌰𐌱 𝒂𝒃 𠀀𠀁", "🦙🏽 👩‍👩‍👧", "a\u00A0b\u2003c\u3000d",
        "\0\u0001\u007F", "if (x) {\n    return x;\n}\n", "ปี ird ด", "\u2028\u2029", "#!$%&/()=?", "I'S DON'T we'LL x'ſ y'Ve",
        new string('x', 30_000), string.Concat(Enumerable.Repeat("Donaudampfschiff", 500)), "a//b/\n//\r\n/c",
    ];

    /// <summary>Random text, mostly of characters that the splitting patterns tell apart.</summary>
    public static string Random(Random random, int length, bool astral)
    {
        const string common = "  \n\r\t'sdmtrevl.,!aZé日½7٣\u00A0\u3000_Ǆ\u0301ſS\u2028/";
        string[] rare = astral ? ["𐌰", "𝒂", "𠀀", "🦙", "𝟗", "\U00010107"] : ["ª", "ᾈ", "۞", "Ⅷ"];
        return string.Concat(Enumerable.Range(0, length).Select(_ => random.Next(8) switch
        {
            0 => rare[random.Next(rare.Length)],
            1 => ((char)random.Next(0x20, 0xD800)).ToString(),
            _ => common[random.Next(common.Length)].ToString(),
        }));
    }
}
