using System.Collections.Frozen;

namespace Cria.Templates;

/// <summary>What stands behind <c>is</c>. This list is the catalogue: one line adds a test.</summary>
/// <remarks>Names as in Jinja 3.1, <see href="https://jinja.palletsprojects.com/en/stable/templates/#builtin-tests"/>.</remarks>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Func<Value, Call, bool>> All = new Dictionary<string, Func<Value, Call, bool>>
    {
        ["boolean"] = (value, _) => value is Bool,
        ["callable"] = (value, _) => value is Callable,
        ["defined"] = (value, _) => value is not Undefined,
        ["divisibleby"] = (value, call) => !Arithmetic.Apply("%", value, call.Bind(1, "num")[0]!, call.Budget).IsTrue,
        ["even"] = (value, call) => !Arithmetic.Apply("%", value, new Integer(2), call.Budget).IsTrue,
        ["false"] = (value, _) => value == Bool.False,
        ["filter"] = (value, call) => Filters.Knows(call.Text(value).Characters),
        ["float"] = (value, _) => value is Real,
        ["integer"] = (value, _) => value is Integer,
        ["iterable"] = (value, _) => value is ListValue or MapValue or Text or Undefined,
        ["lower"] = (value, call) => TextMethods.Cased(Printed.Text(value, call.Budget), char.IsLower, char.IsUpper).IsTrue,
        ["mapping"] = (value, _) => value is MapValue,
        ["none"] = (value, _) => value is None,
        ["number"] = (value, _) => value is Number,
        ["odd"] = (value, call) => Arithmetic.Apply("%", value, new Integer(2), call.Budget).IsTrue,
        ["sameas"] = (value, call) => Same(value, call.Bind(1, "other")[0]!),
        ["sequence"] = (value, _) => value is ListValue or MapValue or Text or Undefined,
        ["string"] = (value, _) => value is Text,
        ["true"] = (value, _) => value == Bool.True,
        ["undefined"] = (value, _) => value is Undefined,
        ["upper"] = (value, call) => TextMethods.Cased(Printed.Text(value, call.Budget), char.IsUpper, char.IsLower).IsTrue,
    }
    .Concat(Comparisons("==", "eq", "equalto", "=="))
    .Concat(Comparisons("!=", "ne", "!="))
    .Concat(Comparisons("<", "lt", "lessthan", "<"))
    .Concat(Comparisons("<=", "le", "<="))
    .Concat(Comparisons(">", "gt", "greaterthan", ">"))
    .Concat(Comparisons(">=", "ge", ">="))
    .Concat(Comparisons("in", "in"))
    .ToFrozenDictionary();

    public static bool Apply(string name, Value value, Call call) => All.TryGetValue(name, out var test)
        ? test(value, call)
        : throw new JinjaException($"the test '{name}' is not known.{Suggestion.For(name, All.Keys)}");

    private static IEnumerable<KeyValuePair<string, Func<Value, Call, bool>>> Comparisons(string sign, params string[] names) =>
        names.Select(name => KeyValuePair.Create<string, Func<Value, Call, bool>>(name, (value, call) => Comparison.Apply(sign, value, call.Bind(1, "other")[0]!, call.Budget)));

    // Small numbers and equal constants are one object in Python; what is made twice is not.
    private static bool Same(Value a, Value b) => ReferenceEquals(a, b) || a is Undefined && b is Undefined || a is Integer or Text && a.GetType() == b.GetType() && a.Equals(b);
}
