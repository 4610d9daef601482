namespace Cria.Cli;

/// <summary>Text from strangers in messages.</summary>
internal static class ForeignText
{
    private const int Longest = 120;

    /// <summary>The text in quotes, safe to print.</summary>
    public static string Quote(string text) => $"'{Clean(text)}'";

    /// <summary>The text, safe to print: it may be endless, or hold letters that speak to the terminal.</summary>
    public static string Clean(string text)
    {
        string shown = text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");
        return string.Concat(shown.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter));
    }
}
