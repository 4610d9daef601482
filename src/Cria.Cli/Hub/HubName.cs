using System.Text.RegularExpressions;

namespace Cria.Cli.Hub;

/// <summary>A model on the hub as users type it: <c>org/name[:type][@revision]</c>.</summary>
/// <param name="Repository"><c>org/name</c>, or the bare name of the hub's oldest models.</param>
/// <param name="Type">Which of several GGUF files, by the type in its name; null where it was not said.</param>
/// <param name="Revision">A branch, a tag or a commit; null where it was not said, which means <c>main</c>.</param>
internal sealed partial record HubName(string Repository, string? Type = null, string? Revision = null)
{
    public const string MainRevision = "main";

    private const string FolderPrefix = "models--";

    /// <summary>The revision that counts.</summary>
    public string RevisionOrMain => Revision ?? MainRevision;

    /// <summary>The folder of the cache that holds it.</summary>
    public string FolderName => FolderPrefix + Repository.Replace("/", "--", StringComparison.Ordinal);

    /// <summary>The name in a text, or null: a name never leads out of a folder, since no part of it begins with a dot.</summary>
    public static HubName? TryParse(string typed)
    {
        var match = Pattern().Match(typed);
        string repository = match.Groups["repository"].Value;

        // The hub forbids both; the folder's name would be ambiguous with the first.
        if (!match.Success || repository.Contains("--", StringComparison.Ordinal) || repository.Contains("..", StringComparison.Ordinal))
            return null;
        return new HubName(repository, Part(match, "type"), Part(match, "revision"));
    }

    /// <summary>The name that a folder of the cache belongs to, or null for other folders.</summary>
    public static HubName? OfFolder(string folderName) => folderName.StartsWith(FolderPrefix, StringComparison.Ordinal)
        ? TryParse(folderName[FolderPrefix.Length..].Replace("--", "/", StringComparison.Ordinal))
        : null;

    public override string ToString() =>
        $"{Repository}{(Type is null ? "" : $":{Type}")}{(Revision is null ? "" : $"@{Revision}")}";

    private static string? Part(Match match, string group) => match.Groups[group].Success ? match.Groups[group].Value : null;

    [GeneratedRegex("""
        ^(?<repository>[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95})?)
        (:(?<type>[A-Za-z0-9_.-]{1,60}))?
        (@(?<revision>[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}){0,4}))?\z
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
