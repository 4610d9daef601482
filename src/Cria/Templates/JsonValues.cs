using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cria.Templates;

/// <summary>JSON as values of a template. As in Python, a number with a point or an exponent is a float.</summary>
internal static class JsonValues
{
    public static Value Read(JsonNode? node, Origin origin, int depth = 0)
    {
        if (depth > Budget.MostDepth)
            throw new JinjaException($"JSON is nested deeper than {Budget.MostDepth} levels.");
        return node switch
        {
            null => None.Value,
            JsonArray array => new ListValue([.. array.Select(item => Read(item, origin, depth + 1))]),
            JsonObject map => new MapValue(map.Select(pair => KeyValuePair.Create<Value, Value>(new Text(pair.Key, origin), Read(pair.Value, origin, depth + 1)))),
            _ => ReadOne(node.AsValue(), origin),
        };
    }

    private static Value ReadOne(JsonValue value, Origin origin) => value.GetValueKind() switch
    {
        JsonValueKind.String => new Text(Characters(value), origin),
        JsonValueKind.True => Bool.True,
        JsonValueKind.False => Bool.False,
        JsonValueKind.Number => ReadNumber(value.ToJsonString()),
        _ => None.Value,
    };

    private static string Characters(JsonValue value)
    {
        try
        {
            return value.GetValue<string>();
        }
        catch (InvalidOperationException)
        {
            throw new JinjaException("JSON holds half of a pair of surrogates, which is no text.");
        }
    }

    private static Number ReadNumber(string text)
    {
        if (text.AsSpan().ContainsAny('.', 'e', 'E'))
            return new Real(double.Parse(text, CultureInfo.InvariantCulture));
        return text.Length < 400 ? new Integer(BigInteger.Parse(text, CultureInfo.InvariantCulture)) : throw new JinjaException("a number has 400 digits or more.");
    }
}
