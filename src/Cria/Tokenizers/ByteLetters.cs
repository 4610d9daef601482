namespace Cria.Tokenizers;

/// <summary>How the files of byte-level BPE write bytes: each as one printable character.</summary>
/// <remarks>
/// As in GPT-2's files: the bytes of printable Latin-1 characters are written as themselves; the other 68, in their order, as
/// U+0100 and up (a space is Ġ).
/// </remarks>
internal static class ByteLetters
{
    /// <summary>The first character that stands for no byte.</summary>
    private const int End = 0x100 + 68;

    private static readonly char[] Letters = MakeLetters();
    private static readonly short[] Values = MakeValues();

    /// <summary>Some bytes as characters.</summary>
    public static string Write(ReadOnlySpan<byte> bytes) =>
        string.Create(bytes.Length, bytes, static (text, bytes) =>
        {
            for (int i = 0; i < text.Length; i++)
                text[i] = Letters[bytes[i]];
        });

    /// <summary>The bytes that some characters stand for; null, and the first wrong character, where one stands for none.</summary>
    public static byte[]? Read(ReadOnlySpan<char> text, out char wrong)
    {
        byte[] bytes = new byte[text.Length];
        wrong = default;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (text[i] >= End || Values[text[i]] < 0)
            {
                wrong = text[i];
                return null;
            }
            bytes[i] = (byte)Values[text[i]];
        }
        return bytes;
    }

    private static char[] MakeLetters()
    {
        char[] letters = new char[256];
        char next = '\u0100';
        for (int b = 0; b < 256; b++)
            letters[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)b : next++;
        return letters;
    }

    private static short[] MakeValues()
    {
        short[] values = new short[End];
        Array.Fill(values, (short)-1);
        for (int b = 0; b < 256; b++)
            values[Letters[b]] = (short)b;
        return values;
    }
}
