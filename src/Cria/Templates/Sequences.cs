namespace Cria.Templates;

/// <summary>What can be walked through: lists, the keys of maps, the characters of texts.</summary>
internal static class Sequences
{
    /// <summary>The elements; of a text its characters, where a pair of surrogates is one.</summary>
    public static IReadOnlyList<Value> Of(Value value, Budget budget) => value switch
    {
        ListValue list => list,
        MapValue map => map.Keys,
        Text text => Characters(text, budget),
        Undefined => [],
        _ => throw new JinjaException($"{value.Kind} has no elements to go through."),
    };

    /// <summary>How many elements there are.</summary>
    public static int Count(Value value) => value switch
    {
        ListValue list => list.Count,
        MapValue map => map.Count,
        Text text => CountCharacters(text.Characters),
        Undefined => 0,
        _ => throw new JinjaException($"{value.Kind} has no length."),
    };

    /// <summary>Where the n-th character of a text begins; the length of the text for the one behind the last.</summary>
    public static int Offset(string characters, int index)
    {
        if (!HasPairs(characters))
            return index;
        int at = 0;
        for (; index > 0; index--)
            at += char.IsSurrogatePair(characters, at) ? 2 : 1;
        return at;
    }

    private static List<Value> Characters(Text text, Budget budget)
    {
        budget.Spend(text.Length);
        var list = new List<Value>(text.Length);
        for (int i = 0, width; i < text.Length; i += width)
        {
            width = i + 1 < text.Length && char.IsSurrogatePair(text.Characters, i) ? 2 : 1;
            list.Add(text.Slice(i, width));
        }
        return list;
    }

    private static int CountCharacters(string characters) => HasPairs(characters) ? characters.EnumerateRunes().Count() : characters.Length;

    private static bool HasPairs(string characters) => characters.AsSpan().ContainsAnyInRange('\uD800', '\uDBFF');
}
