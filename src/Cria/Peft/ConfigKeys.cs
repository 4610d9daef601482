using System.Text.Json.Nodes;
using Cria.Checkpoints;

namespace Cria.Peft;

/// <summary>The keys of an adapter's configuration, each read as what it must be.</summary>
/// <param name="Json">The whole file.</param>
/// <param name="File">Its name, for messages.</param>
internal readonly record struct ConfigKeys(JsonObject Json, string File)
{
    /// <summary>A whole number; the default where the key is absent or null.</summary>
    public int? Number(string key)
    {
        if (Json[key] is not { } node)
            return null;
        return node is JsonValue value && value.TryGetValue(out int number) ? number : throw Wrong(key, "a whole number");
    }

    /// <summary>A text; null where the key is absent or null.</summary>
    public string? Text(string key)
    {
        if (Json[key] is not { } node)
            return null;
        return node is JsonValue value && value.TryGetValue(out string? text) ? text : throw Wrong(key, "a text");
    }

    /// <summary>True or false; null where the key is absent or null.</summary>
    public bool? Flag(string key)
    {
        if (Json[key] is not { } node)
            return null;
        return node is JsonValue value && value.TryGetValue(out bool flag) ? flag : throw Wrong(key, "true or false");
    }

    /// <summary>A number that must be there.</summary>
    public int Needed(string key) => Number(key) ?? throw Wrong(key, "a whole number");

    /// <summary>Names of layers, or an expression.</summary>
    public Targets Targets(string key) => Json[key] switch
    {
        JsonArray list => new Targets(list.Select(name => name?.ToString() ?? "")),
        JsonValue one => new Targets(one.ToString()),
        _ => throw Wrong(key, "a list of names or an expression"),
    };

    private CheckpointException Wrong(string key, string expected)
    {
        string found = Json[key] is { } node ? node.ToJsonString() : "nothing";
        return CheckpointException.Setting(File, key, $"expected {expected}, found {(found.Length <= 100 ? found : found[..100] + "…")}");
    }
}
