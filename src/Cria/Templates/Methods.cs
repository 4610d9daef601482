using System.Collections.Frozen;

namespace Cria.Templates;

/// <summary>The methods of texts, lists and maps. This list is the catalogue; those that would change their value are told apart.</summary>
internal static class Methods
{
    private static readonly FrozenDictionary<string, Func<Text, Call, Value>> OfTexts = new Dictionary<string, Func<Text, Call, Value>>
    {
        ["capitalize"] = (text, _) => TextMethods.Capitalize(text),
        ["count"] = TextMethods.Count,
        ["endswith"] = (text, call) => TextMethods.Affix(text, call, atEnd: true),
        ["find"] = (text, call) => TextMethods.Find(text, call, last: false),
        ["index"] = TextMethods.Index,
        ["isalnum"] = (text, _) => TextMethods.All(text, char.IsLetterOrDigit),
        ["isalpha"] = (text, _) => TextMethods.All(text, char.IsLetter),
        ["isdigit"] = (text, _) => TextMethods.All(text, char.IsDigit),
        ["islower"] = (text, _) => TextMethods.Cased(text, char.IsLower, char.IsUpper),
        ["isspace"] = (text, _) => TextMethods.All(text, Spaces.Is),
        ["isupper"] = (text, _) => TextMethods.Cased(text, char.IsUpper, char.IsLower),
        ["join"] = (text, call) => TextMethods.Join(text, call.Items(call.Bind(1, "iterable")[0]), call),
        ["lower"] = (text, _) => text.WithCharacters(text.Characters.ToLowerInvariant()),
        ["lstrip"] = (text, call) => Spaces.Trim(text, call.OptionalText(call.Bind("chars")[0])?.Characters, end: false),
        ["partition"] = TextMethods.Partition,
        ["removeprefix"] = (text, call) => TextMethods.Remove(text, call, atEnd: false),
        ["removesuffix"] = (text, call) => TextMethods.Remove(text, call, atEnd: true),
        ["replace"] = TextMethods.Replace,
        ["rfind"] = (text, call) => TextMethods.Find(text, call, last: true),
        ["rsplit"] = (text, call) => TextSplitting.Split(text, call, fromEnd: true),
        ["rstrip"] = (text, call) => Spaces.Trim(text, call.OptionalText(call.Bind("chars")[0])?.Characters, start: false),
        ["split"] = (text, call) => TextSplitting.Split(text, call, fromEnd: false),
        ["splitlines"] = TextSplitting.Lines,
        ["startswith"] = (text, call) => TextMethods.Affix(text, call, atEnd: false),
        ["strip"] = (text, call) => Spaces.Trim(text, call.OptionalText(call.Bind("chars")[0])?.Characters),
        ["title"] = (text, _) => TextMethods.Title(text),
        ["upper"] = (text, _) => text.WithCharacters(text.Characters.ToUpperInvariant()),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Func<ListValue, Call, Value>> OfLists = new Dictionary<string, Func<ListValue, Call, Value>>
    {
        ["copy"] = (list, _) => list,
        ["count"] = (list, call) => new Integer(list.Count(item => item.Equals(call.Bind(1, "value")[0]))),
        ["index"] = (list, call) => list.Index().FirstOrDefault(pair => pair.Item.Equals(call.Bind(1, "value")[0]), (-1, None.Value)).Index is >= 0 and var index
            ? new Integer(index)
            : throw new JinjaException("index: the list does not hold the value."),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Func<MapValue, Call, Value>> OfMaps = new Dictionary<string, Func<MapValue, Call, Value>>
    {
        ["copy"] = (map, _) => map,
        ["get"] = (map, call) => call.Bind(1, "key", "default") is var bound ? map.Find(bound[0]!) ?? bound[1] ?? None.Value : None.Value,
        ["items"] = (map, _) => map.Items,
        ["keys"] = (map, _) => new ListValue(map.Keys),
        ["values"] = (map, _) => new ListValue(map.Values),
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Changing =
        new[] { "append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort", "update" }.ToFrozenSet();

    /// <summary>A method with its value, or null where there is none of that name.</summary>
    public static Callable? Find(Value value, string name) => value switch
    {
        Text text => Bind(OfTexts, text, name),
        ListValue list => Bind(OfLists, list, name) ?? Refused(list, name),
        MapValue map => Bind(OfMaps, map, name) ?? (map.Find(name) is null ? Refused(map, name) : null),
        _ => null,
    };

    private static Callable? Bind<T>(FrozenDictionary<string, Func<T, Call, Value>> methods, T value, string name) =>
        methods.TryGetValue(name, out var method) ? new Callable(name, call => method(value, call)) : null;

    // Templates of chat models run without the right to change their data, in transformers too.
    private static Callable? Refused(Value value, string name) => Changing.Contains(name)
        ? new Callable(name, _ => throw new JinjaException($"'{name}' would change {value.Kind}; a template cannot change its data."))
        : null;
}
