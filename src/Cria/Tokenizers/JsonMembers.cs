using System.Text.Json;

namespace Cria.Tokenizers;

/// <summary>Members of JSON that may hold anything: one of another type counts as absent.</summary>
internal static class JsonMembers
{
    /// <summary>The member of that name; null if it is absent or null, or the element is no object.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static bool? Flag(this JsonElement element, string name) => element.Member(name)?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static int? Integer(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) ? value : null;

    /// <summary>The elements of a list; none if it is something else.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The element as a message shows it.</summary>
    public static string Shown(this JsonElement? element) => Excerpt.Of(element?.GetRawText() ?? "none", 60);
}
