using System.Numerics;

namespace Cria.Templates;

/// <summary>What <c>value.name</c>, <c>value[key]</c> and <c>value[start:stop:step]</c> give.</summary>
/// <remarks>As in Jinja, a dot looks for a method first and for a key then; brackets the other way round. What is not there is undefined.</remarks>
internal static class Members
{
    public static Value Attribute(Value value, string name) => value switch
    {
        Undefined missing => throw missing.Error(),
        Namespace space => space[name] ?? Missing(value, name),
        Loop loop => loop.Member(name) ?? Missing(value, name),
        _ => Methods.Find(value, name) ?? (value as MapValue)?.Find(name) ?? Missing(value, name),
    };

    public static Value Item(Value value, Value key) => (value, key) switch
    {
        (Undefined missing, _) => throw missing.Error(),
        (MapValue map, Text or Number or None or ListValue { IsTuple: true }) when map.Find(key) is { } found => found,
        (ListValue list, Number { Whole: { } index }) => At(index, list.Count) is { } i ? list[i] : Missing(value, index),
        (Text text, Number { Whole: { } index }) => At(index, Sequences.Count(text)) is { } i ? Character(text, i) : Missing(value, index),
        (_, Text name) => Attribute(value, name.Characters),
        _ => Missing(value, key.Kind),
    };

    public static Value Slice(Value value, Value start, Value stop, Value step, Budget budget)
    {
        if (value is not (ListValue or Text))
            return value is Undefined missing ? throw missing.Error() : Missing(value, "a slice");
        var items = Sequences.Of(value, budget);
        budget.Spend(items.Count / 16);
        int stride = Bound(step, 1);
        if (stride == 0)
            throw new JinjaException("the step of a slice cannot be zero.");
        int count = items.Count;
        int from = Clamp(Bound(start, stride > 0 ? 0 : int.MaxValue), count, stride);
        int to = stop is None ? (stride > 0 ? count : -1) : Clamp(Bound(stop, 0), count, stride);
        var chosen = new List<Value>();
        for (long i = from; stride > 0 ? i < to : i > to; i += stride)
            chosen.Add(items[(int)i]);
        if (value is ListValue list)
            return new ListValue(chosen, list.IsTuple);
        var text = new TextBuilder(budget);
        foreach (var part in chosen)
            text.Append((Text)part);
        return text.ToText();
    }

    private static Undefined Missing(Value value, object name) => new($"'{name}' of {value.Kind}");

    private static int? At(BigInteger index, int count)
    {
        if (index < 0)
            index += count;
        return index >= 0 && index < count ? (int)index : null;
    }

    private static Text Character(Text text, int index)
    {
        int at = Sequences.Offset(text.Characters, index);
        return text.Slice(at, at + 1 < text.Length && char.IsSurrogatePair(text.Characters, at) ? 2 : 1);
    }

    private static int Bound(Value value, int otherwise) => value switch
    {
        None => otherwise,
        Number { Whole: { } whole } => (int)BigInteger.Clamp(whole, -int.MaxValue, int.MaxValue),
        _ => throw new JinjaException($"a slice takes whole numbers, found {value.Kind}."),
    };

    // A negative bound counts from the end. Going backwards, one before the first element is a bound too.
    private static int Clamp(int bound, int count, int stride)
    {
        long at = bound < 0 ? (long)bound + count : bound;
        return stride > 0 ? (int)Math.Clamp(at, 0, count) : (int)Math.Clamp(at, -1, count - 1);
    }
}
