using System.Text.Json;

namespace Cria.Data;

/// <summary>One record of a file, not yet understood. Reading a field that is missing or of another kind throws a <see cref="DataException"/>.</summary>
internal readonly record struct DataRecord(JsonElement Json, RecordOrigin Origin)
{
    public IEnumerable<string> Keys => Json.EnumerateObject().Select(property => property.Name);

    public bool Has(string name) => Json.TryGetProperty(name, out _);

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => Text(Field(name), $"'{name}'");

    /// <summary>A text, or an empty one where the field is missing or null.</summary>
    public string TextOrEmpty(string name) =>
        Json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? Text(value, $"'{name}'") : "";

    /// <summary>The elements of a list that must be there, each of a kind.</summary>
    public IReadOnlyList<DataRecord> Objects(string name)
    {
        var (list, origin) = (new List<DataRecord>(), Origin);
        foreach (var item in List(name).EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw Bad($"'{name}' must be a list of objects, found {Kind(item)} in it.");
            list.Add(new DataRecord(item, origin));
        }
        return list;
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
                throw Bad($"'{name}' must hold {expected}, found {(item.ValueKind == JsonValueKind.Number ? item.GetRawText() : Kind(item))} at place {i}.");
            i++;
        }
        return numbers;
    }

    public DataException Bad(string reason) => DataException.BadRecord(Origin, reason);

    private JsonElement List(string name)
    {
        var list = Field(name);
        return list.ValueKind == JsonValueKind.Array ? list : throw Bad($"'{name}' must be a list, found {Kind(list)}.");
    }

    private JsonElement Field(string name) =>
        Json.TryGetProperty(name, out var value) ? value : throw Bad($"'{name}' is missing; found {string.Join(", ", Keys.DefaultIfEmpty("no keys"))}.");

    private string Text(JsonElement value, string what)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Bad($"{what} must be a text, found {Kind(value)}.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Bad($"{what} holds bytes that are no text.");
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
}
