using System.Globalization;
using System.Text.RegularExpressions;

namespace Cria.Peft;

/// <summary>Settings for some layers, each as <c>expression=number</c>; an expression is matched with the end of a layer's path, from a dot on, as peft does.</summary>
internal static class LayerPattern
{
    /// <summary>The number of the first pattern that matches a path, or null.</summary>
    public static double? Find(IReadOnlyList<string> patterns, string path)
    {
        foreach (string pattern in patterns)
        {
            if (Split(pattern) is var (expression, value) && expression.IsMatch(path))
                return value;
        }
        return null;
    }

    /// <summary>Adds what is wrong with them.</summary>
    public static void Validate(string key, IReadOnlyList<string> patterns, Func<double, bool> allowed, Problems problems)
    {
        foreach (string pattern in patterns)
        {
            if (Split(pattern) is not var (_, value))
                problems.Add($"{key}: '{pattern}' is not of the form expression=number.");
            else
                problems.Unless(allowed(value), $"{key}: '{pattern}' has a number that cannot be.");
        }
    }

    /// <summary>The expression and the number as they were written, or null.</summary>
    public static (string Expression, double Value)? Parts(string pattern)
    {
        int at = pattern.LastIndexOf('=');
        return at > 0 && double.TryParse(pattern[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? (pattern[..at], value)
            : null;
    }

    // These come from strangers' files: an expression must not be able to run for ever.
    private static (Regex Expression, double Value)? Split(string pattern)
    {
        if (Parts(pattern) is not var (text, value))
            return null;
        try
        {
            return (new Regex($@"^(?:.*\.)?(?:{text})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking), value);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
