using System.Globalization;

namespace Cria.Templates;

/// <summary>Filters that choose from lists, and change each element.</summary>
/// <remarks>Jinja gives some of these as generators, which can be read once and have no length. Here they are lists.</remarks>
internal static class ListFilters
{
    public static Value End(IReadOnlyList<Value> items, bool last) =>
        items.Count == 0 ? new Undefined("an element of an empty list") : items[last ? items.Count - 1 : 0];

    public static Value Reverse(Value value, Call call)
    {
        if (value is Text)
            return Members.Slice(value, None.Value, None.Value, new Integer(-1), call.Budget);
        return new ListValue([.. call.Items(value).Reverse()]);
    }

    /// <summary><c>map("filter", …)</c>, or <c>map(attribute="name", default=…)</c>.</summary>
    public static Value Map(Value value, Call call)
    {
        var items = call.Items(value);
        if (call.Positional.Count == 0 && call.Named.TryGetValue("attribute", out var attribute))
        {
            var otherwise = call.Named.GetValueOrDefault("default");
            return new ListValue([.. items.Select(item => Attribute(item, attribute) is var found && found is Undefined && otherwise is not null ? otherwise : found)]);
        }
        if (call.Positional is not [Text name, ..])
            throw new JinjaException("map takes the name of a filter, or attribute=.");
        var inner = call with { Name = name.Characters, Positional = [.. call.Positional.Skip(1)] };
        return new ListValue([.. items.Select(item => Filters.Apply(name.Characters, item, Counted(inner, item)))]);
    }

    /// <summary>The elements that pass a test, or that do not.</summary>
    public static Value Select(Value value, Call call, bool wanted) =>
        new ListValue([.. call.Items(value).Where(item => Passes(item, call, call.Positional) == wanted)]);

    /// <summary>The elements an attribute of which passes a test, or does not.</summary>
    public static Value SelectAttribute(Value value, Call call, bool wanted)
    {
        if (call.Positional.Count == 0)
            throw new JinjaException($"{call.Name} needs the name of an attribute.");
        IReadOnlyList<Value> test = [.. call.Positional.Skip(1)];
        return new ListValue([.. call.Items(value).Where(item => Passes(Attribute(item, call.Positional[0]), call, test) == wanted)]);
    }

    /// <summary>An attribute by its name, by a number, or by several of them with dots between.</summary>
    public static Value Attribute(Value item, Value path)
    {
        if (path is not Text text)
            return Members.Item(item, path);
        foreach (string part in text.Characters.Split('.'))
            item = Members.Item(item, int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? new Integer(index) : new Text(part));
        return item;
    }

    private static bool Passes(Value item, Call call, IReadOnlyList<Value> test)
    {
        if (test.Count == 0)
            return Counted(call, item) is not null && item.IsTrue;
        var name = call.Text(test[0]).Characters;
        return Tests.Apply(name, item, Counted(call, item) with { Name = name, Positional = [.. test.Skip(1)] });
    }

    private static Call Counted(Call call, Value item)
    {
        call.Budget.Spend(item.Size);
        return call;
    }
}
