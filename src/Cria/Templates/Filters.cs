using System.Collections.Frozen;

namespace Cria.Templates;

/// <summary>What stands behind a <c>|</c>. This list is the catalogue: one line adds a filter.</summary>
/// <remarks>Names and arguments as in Jinja 3.1, <see href="https://jinja.palletsprojects.com/en/stable/templates/#builtin-filters"/>; <c>tojson</c> as in transformers.</remarks>
internal static class Filters
{
    private static readonly FrozenDictionary<string, Func<Value, Call, Value>> All = new Dictionary<string, Func<Value, Call, Value>>
    {
        ["abs"] = NumberFilters.Abs,
        ["attr"] = (value, call) => Members.Attribute(value, call.Text(call.Bind(1, "name")[0]).Characters),
        ["capitalize"] = TextFilter(TextMethods.Capitalize),
        ["count"] = (value, _) => new Integer(Sequences.Count(value)),
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = SortFilters.DictSort,
        ["e"] = TextFilters.Escape,
        ["escape"] = TextFilters.Escape,
        ["first"] = (value, call) => ListFilters.End(call.Items(value), last: false),
        ["float"] = NumberFilters.Float,
        ["groupby"] = SortFilters.GroupBy,
        ["indent"] = TextFilters.Indent,
        ["int"] = NumberFilters.Int,
        ["items"] = (value, call) => value is Undefined ? new ListValue([]) : value is MapValue map ? map.Items : throw call.Wrong("a map", value),
        ["join"] = TextFilters.Join,
        ["last"] = (value, call) => ListFilters.End(call.Items(value), last: true),
        ["length"] = (value, _) => new Integer(Sequences.Count(value)),
        ["list"] = (value, call) => new ListValue(call.Items(value)),
        ["lower"] = TextFilter(text => text.WithCharacters(text.Characters.ToLowerInvariant())),
        ["map"] = ListFilters.Map,
        ["max"] = (value, call) => SortFilters.Extreme(value, call, sign: 1),
        ["min"] = (value, call) => SortFilters.Extreme(value, call, sign: -1),
        ["reject"] = (value, call) => ListFilters.Select(value, call, wanted: false),
        ["rejectattr"] = (value, call) => ListFilters.SelectAttribute(value, call, wanted: false),
        ["replace"] = TextFilters.Replace,
        ["reverse"] = ListFilters.Reverse,
        ["round"] = NumberFilters.Round,
        ["safe"] = (value, call) => Printed.Text(value, call.Budget),
        ["select"] = (value, call) => ListFilters.Select(value, call, wanted: true),
        ["selectattr"] = (value, call) => ListFilters.SelectAttribute(value, call, wanted: true),
        ["sort"] = SortFilters.Sort,
        ["string"] = (value, call) => Printed.Text(value, call.Budget),
        ["sum"] = NumberFilters.Sum,
        ["title"] = TextFilter(TextFilters.Title),
        ["tojson"] = TextFilters.ToJson,
        ["trim"] = (value, call) => Spaces.Trim(Printed.Text(value, call.Budget), call.OptionalText(call.Bind("chars")[0])?.Characters),
        ["unique"] = SortFilters.Unique,
        ["upper"] = TextFilter(text => text.WithCharacters(text.Characters.ToUpperInvariant())),
        ["wordcount"] = (value, call) => new Integer(Printed.Text(value, call.Budget).Characters.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length),
    }.ToFrozenDictionary();

    public static bool Knows(string name) => All.ContainsKey(name);

    public static Value Apply(string name, Value value, Call call) => All.TryGetValue(name, out var filter)
        ? filter(value, call)
        : throw new JinjaException($"the filter '{name}' is not known.{Suggestion.For(name, All.Keys)}");

    private static Value Default(Value value, Call call)
    {
        var bound = call.Bind("default_value", "boolean");
        return value is Undefined || bound[1]?.IsTrue == true && !value.IsTrue ? bound[0] ?? Text.Empty : value;
    }

    private static Func<Value, Call, Value> TextFilter(Func<Text, Text> change) => (value, call) => change(Printed.Text(value, call.Budget));
}

/// <summary>What a word that is not known may have meant.</summary>
internal static class Suggestion
{
    public static string For(string word, IEnumerable<string> known) =>
        ClosestWord.To(word, [.. known.Order(StringComparer.Ordinal)]) is { } closest ? $" Is it '{closest}'?" : "";
}
