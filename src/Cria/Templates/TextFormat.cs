using System.Numerics;

namespace Cria.Templates;

/// <summary>Python's <c>"…%s…" % values</c>, with <c>%s</c>, <c>%d</c>, <c>%i</c>, <c>%r</c> and <c>%%</c>.</summary>
internal static class TextFormat
{
    public static Text Apply(Text format, Value values, Budget budget)
    {
        var given = values is ListValue { IsTuple: true } tuple ? new Queue<Value>(tuple) : new Queue<Value>([values]);
        var result = new TextBuilder(budget);
        int from = 0;
        for (int at; (at = format.Characters.IndexOf('%', from)) >= 0; from = at + 2)
        {
            result.Append(format.Slice(from, at - from));
            char code = at + 1 < format.Length ? format.Characters[at + 1] : '\0';
            if (code == '%')
                result.Append("%", format.OriginAt(at));
            else
                result.Append(One(code, given, budget));
        }
        if (given.Count > 0 && values is not MapValue)
            throw new JinjaException("'%' was given more values than its text has places.");
        return result.Append(format.Slice(from, format.Length - from)).ToText();
    }

    private static Text One(char code, Queue<Value> given, Budget budget)
    {
        if (code is not ('s' or 'd' or 'i' or 'r'))
            throw new JinjaException($"'%{code}' is not known; %s, %d, %r and %% are.");
        if (!given.TryDequeue(out var value))
            throw new JinjaException("'%' was given fewer values than its text has places.");
        return code switch
        {
            's' => Printed.Text(value, budget),
            'r' => Printed.Quoted(value, budget),
            _ when value is Number number && double.IsFinite(number.AsDouble) =>
                Printed.Text(new Integer(number.Whole ?? new BigInteger(Math.Truncate(number.AsDouble))), budget),
            _ => throw new JinjaException($"'%{code}' takes a number, found {value.Kind}."),
        };
    }
}
