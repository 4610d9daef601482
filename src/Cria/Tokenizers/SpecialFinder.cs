using System.Buffers;

namespace Cria.Tokenizers;

/// <summary>Finds the names of special tokens in a text that a template wrote: the first of them, and there the longest.</summary>
internal sealed class SpecialFinder
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids;
    private readonly SearchValues<char> firsts;
    private readonly int[] lengths;

    public SpecialFinder(Dictionary<string, int> specials)
    {
        ids = specials.GetAlternateLookup<ReadOnlySpan<char>>();
        var names = specials.Keys.Where(name => name.Length > 0).ToList();
        firsts = SearchValues.Create([.. names.Select(name => name[0]).Distinct()]);
        lengths = [.. names.Select(name => name.Length).Distinct().OrderDescending()];
    }

    /// <summary>Where the first name stands, how long it is, and its id; null where there is none.</summary>
    public (int Start, int Length, int Id)? Find(ReadOnlySpan<char> text)
    {
        for (int start = 0, step; (step = text[start..].IndexOfAny(firsts)) >= 0; start++)
        {
            start += step;
            foreach (int length in lengths)
                if (start + length <= text.Length && ids.TryGetValue(text.Slice(start, length), out int id))
                    return (start, length, id);
        }
        return null;
    }
}
