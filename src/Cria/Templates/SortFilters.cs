namespace Cria.Templates;

/// <summary>Filters that compare elements. Where nothing else is said, capitals and small letters are the same to them.</summary>
internal static class SortFilters
{
    public static Value Sort(Value value, Call call)
    {
        var bound = call.Bind("reverse", "case_sensitive", "attribute");
        return new ListValue(Sorted(call.Items(value), item => Key(item, bound[2], bound[1]), bound[0]));
    }

    public static Value DictSort(Value value, Call call)
    {
        var bound = call.Bind("case_sensitive", "by", "reverse");
        var map = value as MapValue ?? throw call.Wrong("a map", value);
        int part = call.OptionalText(bound[1])?.Characters == "value" ? 1 : 0;
        return new ListValue(Sorted(map.Items, pair => Key(((ListValue)pair)[part], null, bound[0]), bound[2]));
    }

    public static Value Unique(Value value, Call call)
    {
        var bound = call.Bind("case_sensitive", "attribute");
        var seen = new HashSet<Value>();
        return new ListValue([.. call.Items(value).Where(item => seen.Add(Key(item, bound[1], bound[0])))]);
    }

    public static Value GroupBy(Value value, Call call)
    {
        var bound = call.Bind(1, "attribute", "default", "case_sensitive");
        Value Shared(Value item) => ListFilters.Attribute(item, bound[0]!) is var found && found is Undefined && bound[1] is { } otherwise ? otherwise : found;
        var groups = Sorted(call.Items(value), item => Key(Shared(item), null, bound[2]), null).GroupBy(item => Key(Shared(item), null, bound[2]));
        return new ListValue([.. groups.Select(group => new ListValue([Shared(group.First()), new ListValue([.. group])], isTuple: true))]);
    }

    public static Value Extreme(Value value, Call call, int sign)
    {
        var bound = call.Bind("case_sensitive", "attribute");
        Value? best = null;
        foreach (var item in call.Items(value))
            if (best is null || sign * Comparison.Order(Key(item, bound[1], bound[0]), Key(best, bound[1], bound[0]), "<") > 0)
                best = item;
        return best ?? new Undefined("an element of an empty list");
    }

    // Stable both ways: what is equal stays in its order, as Python's sort has it.
    private static List<Value> Sorted(IReadOnlyList<Value> items, Func<Value, Value> key, Value? reverse)
    {
        var order = Comparer<Value>.Create((a, b) => Comparison.Order(a, b, "<"));
        try
        {
            return reverse?.IsTrue == true ? [.. items.OrderByDescending(key, order)] : [.. items.OrderBy(key, order)];
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is JinjaException reason)
        {
            throw reason;
        }
    }

    private static Value Key(Value item, Value? attribute, Value? caseSensitive)
    {
        var key = attribute is null or None ? item : ListFilters.Attribute(item, attribute);
        return key is Text text && caseSensitive?.IsTrue != true ? new Text(text.Characters.ToLowerInvariant()) : key;
    }
}
