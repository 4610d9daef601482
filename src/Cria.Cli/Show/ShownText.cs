using System.Globalization;
using System.Text.Json.Nodes;

namespace Cria.Cli.Show;

/// <summary>An answer of <c>cria show</c> as people read it: one line for each key.</summary>
internal static class ShownText
{
    public static void Write(JsonObject answer, TextWriter to)
    {
        var columns = new Columns();
        foreach (var (key, value) in answer.Where(pair => IsWorthALine(pair.Key, pair.Value, answer)))
            columns.Add(key.Replace('_', ' '), Text(key, value!, answer));
        columns.Write(to);
    }

    private static bool IsWorthALine(string key, JsonNode? value, JsonObject answer) => key switch
    {
        "type_bytes" => false,                                                             // stand with the types
        "active_parameters" => (long)value! != (long)answer["parameters"]!,                // a dense model uses all
        _ => value is not (null or JsonArray { Count: 0 } or JsonObject { Count: 0 }),
    };

    private static string Text(string key, JsonNode value, JsonObject answer) => key switch
    {
        "bytes" => Bytes.Text((long)value),
        "parameters" or "active_parameters" => Count((long)value),
        "share" => string.Create(CultureInfo.InvariantCulture, $"{100 * (double)value:F2} % of the base"),
        "types" => string.Join(", ", value.AsObject().Select(type => Type(type.Key, (long)type.Value!, (long)answer["type_bytes"]![type.Key]!))),
        "shape" => $"that of {string.Join(" or ", value.AsArray())}",
        "tokenizer" when value is JsonObject tokenizer => ShownTokenizer.Line(tokenizer),
        "begin_of_text" => ShownTokenizer.Text(value),
        "end_of_text" => string.Join(", ", value.AsArray().Select(ShownTokenizer.Text)),
        "trained" => string.Join('\n', value.AsArray().Select(group => $"{group!["count"]} × {group["name"]}  {group["type"]} {group["shape"]}")),
        "tensors" => string.Join('\n', value.AsArray().Select(tensor => $"{tensor!["name"]}  {tensor["type"]} {tensor["shape"]}")),
        _ => value switch
        {
            JsonArray list => string.Join(", ", list),
            JsonObject settings => string.Join(", ", settings.Select(setting => $"{setting.Key.Replace('_', ' ')} {setting.Value}")),
            _ => value.ToString(),
        },
    };

    // A type that is only known by its name has no size here.
    private static string Type(string name, long numbers, long bytes) => bytes == 0 ? $"{name} ({Count(numbers)})" : $"{name} ({Count(numbers)}, {Bytes.Text(bytes)})";

    private static string Count(long number) => number switch
    {
        >= 1_000_000_000 => $"{number / 1e9:F2} B",
        >= 1_000_000 => $"{number / 1e6:F2} M",
        _ => $"{number:N0}",
    };
}
