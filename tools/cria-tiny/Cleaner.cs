using System.Text;
using System.Text.RegularExpressions;

namespace CriaTiny.Tools;

/// <summary>Plain prose from Markdown: ASCII quotes and dashes, no marks of emphasis, no headings, one empty line between paragraphs.</summary>
internal static partial class Cleaner
{
    [GeneratedRegex(@"!?\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^(#.*|[\s*_=~|-]*)$", RegexOptions.Multiline)]
    private static partial Regex HeadingOrRule();

    [GeneratedRegex(@"^>\s*", RegexOptions.Multiline)]
    private static partial Regex Quotation();

    [GeneratedRegex(@"<[^<>\n]{1,80}>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@" *\n *")]
    private static partial Regex LineEnd();

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex EmptyLines();

    public static string Clean(string markdown)
    {
        string text = Link().Replace(Plain(markdown), "$1");
        text = HeadingOrRule().Replace(text, "");
        text = Tag().Replace(Quotation().Replace(text, ""), "");
        text = text.Replace("_", "").Replace("*", "").Replace("\\", "");
        text = LineEnd().Replace(Blanks().Replace(text, " "), "\n");
        return EmptyLines().Replace(text, "\n\n").Trim();
    }

    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            switch (c)
            {
                case '\u2018' or '\u2019' or '\u201B': plain.Append('\''); break;
                case '\u201C' or '\u201D' or '\u201F': plain.Append('"'); break;
                case '\u2014' or '\u2015': plain.Append("--"); break;
                case '\u2010' or '\u2011' or '\u2012' or '\u2013': plain.Append('-'); break;
                case '\u2026': plain.Append("..."); break;
                case '\u00A0' or '\u2009' or '\u200A': plain.Append(' '); break;
                case '\r' or '\u00AD' or '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF': break;
                default: plain.Append(c); break;
            }
        }

        return plain.ToString();
    }
}
