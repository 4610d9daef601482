namespace Cria;

/// <summary>The beginning of a text that a message quotes: what stands in a file may be of any length.</summary>
internal static class Excerpt
{
    /// <summary>The text, or its first letters and an ellipsis where it has more than <paramref name="most"/>.</summary>
    public static string Of(string text, int most) => text.Length <= most ? text : $"{text.AsSpan(0, most)}…";
}
