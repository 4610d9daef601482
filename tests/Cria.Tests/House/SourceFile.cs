using System.Text.RegularExpressions;

namespace Cria.Tests.House;

/// <summary>One file of ours: its path from the checkout, with forward slashes, and its text.</summary>
internal sealed partial record SourceFile(string Path, string Text)
{
    /// <summary>The text without comments and string literals, where a name may stand without being used.</summary>
    public string Code => CommentsAndStrings().Replace(Text, "");

    public int Lines => Text.AsSpan().Count('\n');

    public static IEnumerable<SourceFile> Under(string folder)
    {
        string root = System.IO.Path.Combine(TestData.Checkout, folder);
        if (!Directory.Exists(root))
            return [];
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => System.IO.Path.GetRelativePath(TestData.Checkout, file).Replace('\\', '/'))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => new SourceFile(path, File.ReadAllText(System.IO.Path.Combine(TestData.Checkout, path))));
    }

    [GeneratedRegex(@"//[^\n]*|""""""[\s\S]*?""""""|@""(?:[^""]|"""")*""|""(?:\\.|[^""\\\n])*""")]
    private static partial Regex CommentsAndStrings();
}
