using System.Globalization;
using System.Text;

namespace Cria.Templates;

/// <summary>What a text between quotes means: Python's escapes.</summary>
internal static class TextLiteral
{
    public static string Meaning(string literal, Place place)
    {
        if (!literal.Contains('\\', StringComparison.Ordinal))
            return literal;
        var text = new StringBuilder(literal.Length);
        for (int i = 0; i < literal.Length; i++)
        {
            if (literal[i] != '\\')
                text.Append(literal[i]);
            else
                i += Escape(literal.AsSpan(i + 1), text, place);
        }
        return text.ToString();
    }

    /// <summary>Appends what stands behind a backslash; returns how many characters that took. An escape that means nothing stays as it is.</summary>
    private static int Escape(ReadOnlySpan<char> rest, StringBuilder text, Place place)
    {
        switch (rest[0])
        {
            case '\n':
                return 1;
            case 'x' or 'u' or 'U':
                int digits = rest[0] switch { 'x' => 2, 'u' => 4, _ => 8 };
                if (rest.Length <= digits || !uint.TryParse(rest.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) || code > 0x10FFFF)
                    throw new JinjaException($"'\\{rest[0]}' needs {digits} hexadecimal digits behind it, of a character.", place);
                text.Append(code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32((int)code));
                return 1 + digits;
            case >= '0' and <= '7':
                int count = 1;
                while (count < Math.Min(3, rest.Length) && rest[count] is >= '0' and <= '7')
                    count++;
                text.Append((char)Convert.ToInt32(rest[..count].ToString(), 8));
                return count;
            default:
                int known = "\\'\"abfnrtv".IndexOf(rest[0], StringComparison.Ordinal);
                text.Append(known < 0 ? $"\\{rest[0]}" : "\\'\"\a\b\f\n\r\t\v"[known].ToString());
                return 1;
        }
    }
}
