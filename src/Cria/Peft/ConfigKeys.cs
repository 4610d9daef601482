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

    /// <summary>Settings inside these; null where the key is absent or null.</summary>
    public ConfigKeys? Object(string key)
    {
        if (Json[key] is not { } node)
            return null;
        return node is JsonObject inner ? this with { Json = inner } : throw Wrong(key, "an object");
    }

    /// <summary>A number that must be there.</summary>
    public int Needed(string key) => Number(key) ?? throw Wrong(key, "a whole number");

    /// <summary>A number; null where the key is absent or null.</summary>
    public double? Real(string key)
    {
        if (Json[key] is not { } node)
            return null;
        return node is JsonValue value && value.TryGetValue(out double number) ? number : throw Wrong(key, "a number");
    }

    /// <summary>Texts: a list, a single one, or none where the key is absent or null.</summary>
    public IReadOnlyList<string> Texts(string key) => Json[key] switch
    {
        null => [],
        JsonArray list => [.. list.Select(item => item?.ToString() ?? "")],
        JsonValue one when one.TryGetValue(out string? text) => [text],
        _ => throw Wrong(key, "a list of names"),
    };

    /// <summary>Whole numbers: a list, a single one, or none where the key is absent or null.</summary>
    public IReadOnlyList<int> Numbers(string key)
    {
        if (Json[key] is not { } node)
            return [];
        var numbers = new List<int>();
        foreach (var item in node is JsonArray list ? list : [node.DeepClone()])
            numbers.Add(item is JsonValue value && value.TryGetValue(out int number) ? number : throw Wrong(key, "a list of whole numbers"));
        return numbers;
    }

    /// <summary>Numbers by expression, as <see cref="LayerPattern"/> spells them; none where the key is absent or null.</summary>
    public IReadOnlyList<string> Pattern(string key)
    {
        if (Json[key] is not { } node)
            return [];
        var patterns = new List<string>();
        foreach (var (expression, value) in node as JsonObject ?? throw Wrong(key, "numbers by expression"))
            patterns.Add($"{expression}={value?.ToJsonString() ?? "null"}");
        return patterns;
    }

    /// <summary>Names of layers, or an expression.</summary>
    public Targets Targets(string key) => Json[key] switch
    {
        JsonArray list => new Targets(list.Select(name => name?.ToString() ?? "")),
        JsonValue one => new Targets(one.ToString()),
        _ => throw Wrong(key, "a list of names or an expression"),
    };

    private CheckpointException Wrong(string key, string expected)
    {
        string found = Json[key] is { } node ? Excerpt.Of(node.ToJsonString(), 100) : "nothing";
        return CheckpointException.Setting(File, key, $"expected {expected}, found {found}");
    }
}
