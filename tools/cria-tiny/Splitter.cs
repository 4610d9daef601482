using System.Text.RegularExpressions;

namespace CriaTiny.Tools;

/// <summary>Llama 3's cut of a text into words, before byte pairs are merged inside each of them.</summary>
/// <remarks>
/// The regular expression of Llama 3's tokenizer. .NET sees UTF-16 units, which makes a difference only beyond U+FFFF:
/// this corpus has nothing there.
/// </remarks>
internal static partial class Splitter
{
    private const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" +
        @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant)]
    public static partial Regex Words();
}
