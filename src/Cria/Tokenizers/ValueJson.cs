using System.Text.Json.Nodes;
using Cria.Templates;

namespace Cria.Tokenizers;

/// <summary>A value of a template as JSON.</summary>
internal static class ValueJson
{
    public static JsonNode? Of(Value value) => value switch
    {
        Text text => JsonValue.Create(text.Characters),
        Bool truth => JsonValue.Create(truth.IsTrue),
        Number { Whole: { } whole } => whole >= long.MinValue && whole <= long.MaxValue ? JsonValue.Create((long)whole) : JsonValue.Create((double)whole),
        Number number => double.IsFinite(number.AsDouble) ? JsonValue.Create(number.AsDouble) : null,
        ListValue list => new JsonArray([.. list.Select(Of)]),
        MapValue map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(Key(entry.Key), Of(entry.Value)))),
        _ => null,
    };

    private static string Key(Value key) => key is Text text ? text.Characters : Printed.Text(key, new Budget()).Characters;
}
