using System.Globalization;
using System.Numerics;

namespace Cria.Templates;

/// <summary>Filters that make numbers.</summary>
internal static class NumberFilters
{
    public static Value Abs(Value value, Call call) => value switch
    {
        Number { Whole: { } whole } => new Integer(BigInteger.Abs(whole)),
        Number number => new Real(Math.Abs(number.AsDouble)),
        _ => throw call.Wrong("a number", value),
    };

    /// <summary><c>int(default, base)</c>: the default for whatever is no number.</summary>
    public static Value Int(Value value, Call call)
    {
        var bound = call.Bind("default", "base");
        if (bound[1] is Number { Whole: { IsOne: false } radix } && radix != 10)
            throw new JinjaException("int knows base 10 only.");
        Value? found = value switch
        {
            Number { Whole: { } whole } => new Integer(whole),
            Number number => Truncated(number.AsDouble),
            Text text when text.Length < 400 && BigInteger.TryParse(Plain(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => new Integer(whole),
            Text text when Parsed(text) is { } number => Truncated(number),
            _ => null,
        };
        return found ?? bound[0] ?? new Integer(0);
    }

    /// <summary><c>float(default)</c>: the default for whatever is no number.</summary>
    public static Value Float(Value value, Call call)
    {
        double? found = value is Number number ? number.AsDouble : value is Text text ? Parsed(text) : null;
        return found is { } real ? new Real(real) : call.Bind("default")[0] ?? new Real(0);
    }

    public static Value Round(Value value, Call call)
    {
        var bound = call.Bind("precision", "method");
        int digits = Math.Clamp(call.Count(bound[0], 0), -15, 15);
        string method = call.OptionalText(bound[1])?.Characters ?? "common";
        var number = value as Number ?? throw call.Wrong("a number", value);
        if (number.Whole is { } whole && method == "common" && digits >= 0)
            return new Integer(whole);
        double scale = Math.Pow(10, digits), x = number.AsDouble;
        return new Real(method switch
        {
            "common" => digits >= 0 ? Math.Round(x, digits, MidpointRounding.ToEven) : Math.Round(x * scale, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(x * scale) / scale,
            "floor" => Math.Floor(x * scale) / scale,
            _ => throw new JinjaException($"round knows the methods common, ceil and floor, found '{method}'."),
        });
    }

    public static Value Sum(Value value, Call call)
    {
        var bound = call.Bind("attribute", "start");
        return call.Items(value).Aggregate(bound[1] ?? new Integer(0), (sum, item) =>
            Arithmetic.Apply("+", sum, bound[0] is null or None ? item : ListFilters.Attribute(item, bound[0]!), call.Budget));
    }

    private static string Plain(Text text) => text.Characters.Trim().Replace("_", "", StringComparison.Ordinal);

    private static double? Parsed(Text text) =>
        text.Length < 400 && double.TryParse(Plain(text), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    private static Integer? Truncated(double number) => double.IsFinite(number) ? new Integer(new BigInteger(Math.Truncate(number))) : null;
}
