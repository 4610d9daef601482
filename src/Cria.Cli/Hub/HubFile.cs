namespace Cria.Cli.Hub;

/// <summary>One file of a model at one commit.</summary>
/// <param name="Path">Where it stands in the model's folder, with forward slashes.</param>
/// <param name="Size">Its length in bytes; null until the hub says.</param>
/// <param name="Hash">The name of its content: SHA-256 of a large file (64 digits), or git's SHA-1 of a small one (40); null until the hub says.</param>
internal sealed record HubFile(string Path, long? Size = null, string? Hash = null)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Its length, once the hub has said it.</summary>
    public long Length => Size ?? throw new InvalidOperationException($"The length of {Path} is not known yet.");

    /// <summary>Its content's name, once the hub has said it.</summary>
    public string Blob => Hash ?? throw new InvalidOperationException($"The hash of {Path} is not known yet.");

    /// <summary>The hash in a text, or null where it is of no kind that can be checked. Nothing else ever becomes the name of a file.</summary>
    public static string? HashIn(string? text) =>
        text?.Trim('"') is { Length: 40 or 64 } hash && hash.All(char.IsAsciiHexDigitLower) ? hash : null;
}
