using System.Text.Json;

namespace Cria.Data;

/// <summary>One record of a file, not yet understood. Reading a field that is missing or of another kind throws a <see cref="DataException"/>.</summary>
internal readonly record struct DataRecord(JsonElement Json, RecordOrigin Origin)
{
    /// <summary>What the file calls a field, where it is not by the name that formats use.</summary>
    public IReadOnlyDictionary<string, string>? Columns { get; init; }

    /// <summary>The largest token id that may stand in it.</summary>
    public int LastToken { get; init; }

    public IEnumerable<string> Keys => Json.EnumerateObject().Select(Name);

    /// <summary>Whether the field is there, and not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => Text(Field(name), Named(name));

    /// <summary>A text, or an empty one where the field is missing or null.</summary>
    public string TextOrEmpty(string name) => TryGet(name, out var value) ? Text(value, Named(name)) : "";

    /// <summary>The elements of a list that must be there, each of which is an object. A table may hold the list as JSON text.</summary>
    public IReadOnlyList<DataRecord> Objects(string name)
    {
        var (list, origin) = (new List<DataRecord>(), Origin);
        foreach (var item in List(name).EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw Bad(DataFault.WrongKind, $"{Named(name)} must be a list of objects, found {Kind(item)} in it.");
            list.Add(new DataRecord(item, origin));
        }
        return list;
    }

    /// <summary>The elements of a list, each of them a list of two texts; none where the field is missing or null.</summary>
    public IReadOnlyList<(string First, string Second)> Pairs(string name)
    {
        var pairs = new List<(string, string)>();
        foreach (var item in TryGet(name, out _) ? List(name).EnumerateArray() : default)
        {
            if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2)
                throw Bad(DataFault.WrongKind, $"{Named(name)} must hold pairs of a question and its answer.");
            pairs.Add((Text(item[0], Named(name)), Text(item[1], Named(name))));
        }
        return pairs;
    }

    /// <summary>Whole numbers, each one of which satisfies a condition.</summary>
    public int[] Numbers(string name, Func<int, bool> allowed, string expected)
    {
        var list = List(name);
        int[] numbers = new int[list.GetArrayLength()];
        int i = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out numbers[i]) || !allowed(numbers[i]))
                throw Bad(DataFault.WrongKind, $"{Named(name)} must hold {expected}, found {(item.ValueKind == JsonValueKind.Number ? item.GetRawText() : Kind(item))} at place {i}.");
            i++;
        }
        return numbers;
    }

    public bool TryGet(string name, out JsonElement value) =>
        Find(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A value that must be there, and may be null.</summary>
    public JsonElement Field(string name) => Find(name, out var value)
        ? value
        : throw Bad(DataFault.MissingField, $"{Named(name)} is missing; found {string.Join(", ", Keys.DefaultIfEmpty("no keys"))}.");

    public DataException Bad(DataFault fault, string reason) => DataException.BadRecord(Origin, fault, reason);

    public string Text(JsonElement value, string what)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Bad(DataFault.WrongKind, $"{what} must be a text, found {Kind(value)}.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Bad(DataFault.WrongKind, $"{what} holds bytes that are no text.");
        }
    }

    /// <summary>JSON that stands in a text.</summary>
    public JsonElement Parse(string json, string what)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw Bad(DataFault.WrongKind, $"{what} must be JSON, found '{Excerpt.Of(json, 40)}'.");
        }
    }

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "a name that is no text";
        }
    }

    // Keys are decoded when one is looked for, and a key may be half of a surrogate pair.
    private bool Find(string name, out JsonElement value)
    {
        try
        {
            return Json.TryGetProperty(Column(name), out value);
        }
        catch (InvalidOperationException)
        {
            throw Bad(DataFault.WrongKind, "a key holds bytes that are no text.");
        }
    }

    private JsonElement List(string name)
    {
        var list = Field(name);
        if (list.ValueKind == JsonValueKind.String && Text(list, Named(name)).TrimStart().StartsWith('['))
            list = Parse(Text(list, Named(name)), Named(name));
        return list.ValueKind == JsonValueKind.Array ? list : throw Bad(DataFault.WrongKind, $"{Named(name)} must be a list, found {Kind(list)}.");
    }

    private string Column(string name) => Columns?.GetValueOrDefault(name) ?? name;

    private string Named(string name) => Column(name) == name ? $"'{name}'" : $"'{Column(name)}' (the {name})";
}
