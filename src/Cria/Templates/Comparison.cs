namespace Cria.Templates;

/// <summary>Python's comparisons.</summary>
internal static class Comparison
{
    public static bool Apply(string sign, Value a, Value b, Budget budget)
    {
        budget.Spend(a.Size + b.Size);
        return sign switch
        {
            "==" => a.Equals(b),
            "!=" => !a.Equals(b),
            "in" => Contains(b, a),
            "not in" => !Contains(b, a),
            "<" => Order(a, b, sign) < 0,
            "<=" => Order(a, b, sign) <= 0,
            ">" => Order(a, b, sign) > 0,
            _ => Order(a, b, sign) >= 0,
        };
    }

    public static bool Contains(Value container, Value item) => (container, item) switch
    {
        (Text text, Text part) => text.Characters.Contains(part.Characters, StringComparison.Ordinal),
        (ListValue list, _) => list.Contains(item),
        (MapValue map, _) => map.Find(item) is not null,
        (Undefined, _) => false,
        (Text, _) => throw new JinjaException($"'in' looks for a text in a text, found {item.Kind}."),
        _ => throw new JinjaException($"'in' cannot look into {container.Kind}."),
    };

    /// <summary>Below zero, zero or above, as a stands before b, with it or behind it.</summary>
    public static int Order(Value a, Value b, string sign)
    {
        switch (a, b)
        {
            case (Number x, Number y):
                return x.Whole is { } i && y.Whole is { } j ? i.CompareTo(j) : x.AsDouble.CompareTo(y.AsDouble);
            case (Text x, Text y):
                return string.CompareOrdinal(x.Characters, y.Characters);
            case (ListValue x, ListValue y) when x.IsTuple == y.IsTuple:
                return x.Zip(y, (p, q) => p.Equals(q) ? 0 : Order(p, q, sign)).FirstOrDefault(order => order != 0, x.Count.CompareTo(y.Count));
            default:
                throw (a as Undefined ?? b as Undefined)?.Error() ?? new JinjaException($"'{sign}' cannot order {a.Kind} and {b.Kind}.");
        }
    }
}
