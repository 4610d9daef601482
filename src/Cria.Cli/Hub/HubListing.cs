using System.Text.Json;

namespace Cria.Cli.Hub;

/// <summary>A model at one commit: which files it has.</summary>
/// <param name="Commit">40 hexadecimal digits.</param>
/// <param name="Files">In the order of the hub.</param>
internal sealed record HubListing(string Commit, IReadOnlyList<HubFile> Files)
{
    /// <summary>The most files of one model. The largest have some hundred.</summary>
    private const int MostFiles = 20_000;

    /// <summary>Reads the hub's answer to <c>/api/models/NAME/revision/REVISION?blobs=true</c>.</summary>
    /// <exception cref="HubException">It is no such answer, or names files that cannot be.</exception>
    public static HubListing Read(byte[] json, HubName name)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            if (HubFile.HashIn(Text(root, "sha")) is not { Length: 40 } commit)
                throw HubException.Malformed(name, "no commit");
            if (!root.TryGetProperty("siblings", out var siblings) || siblings.ValueKind != JsonValueKind.Array || siblings.GetArrayLength() > MostFiles)
                throw HubException.Malformed(name, $"no list of files, or more than {MostFiles:N0}");
            HubFile[] files = [.. siblings.EnumerateArray().Select(sibling => ReadFile(sibling, name))];
            if (HubPaths.FileAndFolder([.. files.Select(file => file.Path)]) is { } both)
                throw HubException.HostileName(name, both, "is a file and a folder at once");
            return new HubListing(commit, files);
        }
        catch (JsonException)
        {
            throw HubException.Malformed(name, "no JSON");
        }
        catch (InvalidOperationException)
        {
            throw HubException.Malformed(name, "JSON of another form");
        }
    }

    private static HubFile ReadFile(JsonElement sibling, HubName name)
    {
        string path = Text(sibling, "rfilename") ?? throw HubException.Malformed(name, "a file without a name");
        if (HubPaths.Impossible(path) is { } why)
            throw HubException.HostileName(name, path, why);
        if (sibling.TryGetProperty("lfs", out var large) && large.ValueKind == JsonValueKind.Object)
            return new HubFile(path, Size(large) ?? Size(sibling), HubFile.HashIn(Text(large, "sha256") ?? Text(large, "oid")));
        return new HubFile(path, Size(sibling), HubFile.HashIn(Text(sibling, "blobId")));
    }

    private static string? Text(JsonElement element, string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Size(JsonElement element) =>
        element.TryGetProperty("size", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long size) && size >= 0 ? size : null;
}
