using System.Numerics;

namespace Cria.Templates;

/// <summary>Python's <c>+ - * / // % **</c> over numbers, and those of them that texts and lists know.</summary>
internal static class Arithmetic
{
    private const int MostExponent = 1024;

    public static Value Apply(string sign, Value a, Value b, Budget budget) => (sign, a, b) switch
    {
        (_, Undefined missing, _) => throw missing.Error(),
        (_, _, Undefined missing) => throw missing.Error(),
        ("+", Text x, Text y) => new TextBuilder(budget).Append(x).Append(y).ToText(),
        ("+", ListValue x, ListValue y) when x.IsTuple == y.IsTuple => new ListValue([.. x, .. y], x.IsTuple),
        ("*", Text or ListValue, Number { Whole: { } times }) => Repeat(a, times, budget),
        ("*", Number { Whole: { } times }, Text or ListValue) => Repeat(b, times, budget),
        ("%", Text format, _) => TextFormat.Apply(format, b, budget),
        (_, Number x, Number y) => Numbers(sign, x, y),
        _ => throw new JinjaException($"'{sign}' does not work on {a.Kind} and {b.Kind}."),
    };

    public static Value Negate(Value value) => value switch
    {
        Number { Whole: { } whole } => new Integer(-whole),
        Number number => new Real(-number.AsDouble),
        Undefined missing => throw missing.Error(),
        _ => throw new JinjaException($"'-' does not work on {value.Kind}."),
    };

    private static Value Numbers(string sign, Number a, Number b)
    {
        if (a.Whole is { } x && b.Whole is { } y && sign != "/" && !(sign == "**" && y.Sign < 0))
            return new Integer(Whole(sign, x, y));
        return new Real(Floats(sign, a.AsDouble, b.AsDouble));
    }

    private static BigInteger Whole(string sign, BigInteger a, BigInteger b) => sign switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "//" => (a - Modulo(a, b)) / b,
        "%" => Modulo(a, b),
        _ => b <= MostExponent || a.IsOne || a.IsZero ? BigInteger.Pow(a, (int)BigInteger.Min(b, MostExponent)) : throw new JinjaException($"a power above {MostExponent} is too large."),
    };

    // The remainder has the sign of the divisor.
    private static BigInteger Modulo(BigInteger a, BigInteger b)
    {
        if (b.IsZero)
            throw new JinjaException("division by zero.");
        var rest = BigInteger.Remainder(a, b);
        return !rest.IsZero && rest.Sign != b.Sign ? rest + b : rest;
    }

    private static double Floats(string sign, double a, double b)
    {
        if (b == 0 && sign is "/" or "//" or "%")
            throw new JinjaException("division by zero.");
        return sign switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - b * Math.Floor(a / b),
            _ => Math.Pow(a, b),
        };
    }

    private static Value Repeat(Value value, BigInteger times, Budget budget)
    {
        int count = (int)BigInteger.Clamp(times, 0, int.MaxValue);
        if (value is not Text text)
        {
            var list = (ListValue)value;
            if (count * (long)list.Count > Budget.MostValues)
                throw new JinjaException($"a list would hold more than {Budget.MostValues} values.");
            return new ListValue([.. Enumerable.Repeat(list, count).SelectMany(part => part)], list.IsTuple);
        }
        var repeated = new TextBuilder(budget);
        for (int i = 0; i < count && text.Length > 0; i++)
            repeated.Append(text);
        return repeated.ToText();
    }
}
