using System.Buffers;

namespace Cria.Templates;

/// <summary>Python's <c>split</c>, <c>rsplit</c> and <c>splitlines</c>.</summary>
internal static class TextSplitting
{
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029");

    public static ListValue Split(Text text, Call call, bool fromEnd)
    {
        var bound = call.Bind("sep", "maxsplit");
        var separator = call.OptionalText(bound[0]);
        int most = call.Count(bound[1], -1);
        call.Budget.Spend(text.Length);
        if (separator is { Length: 0 })
            throw new JinjaException("split: the separator is empty.");
        var places = separator is null ? Stretches(text) : Occurrences(text, separator.Characters, fromEnd);
        return new ListValue(separator is null ? Words(text, places, most, fromEnd) : Parts(text, places, most, fromEnd));
    }

    public static Value Lines(Text text, Call call)
    {
        bool keep = call.Bind("keepends")[0]?.IsTrue == true;
        call.Budget.Spend(text.Length);
        var lines = new List<Value>();
        for (int from = 0; from < text.Length;)
        {
            int end = text.Characters.AsSpan(from).IndexOfAny(LineEnds);
            int stop = end < 0 ? text.Length : from + end;
            int next = end < 0 ? stop : text.Characters.AsSpan(stop).StartsWith("\r\n") ? stop + 2 : stop + 1;
            lines.Add(text.Slice(from, (keep ? next : stop) - from));
            from = next;
        }
        return new ListValue(lines);
    }

    private static List<Value> Parts(Text text, List<(int Start, int End)> separators, int most, bool fromEnd)
    {
        if (most >= 0 && most < separators.Count)
            separators = fromEnd ? separators[^most..] : separators[..most];
        var parts = new List<Value>();
        int from = 0;
        foreach (var (start, end) in separators)
        {
            parts.Add(text.Slice(from, start - from));
            from = end;
        }
        parts.Add(text.Slice(from, text.Length - from));
        return parts;
    }

    // What is left beyond the most splits stays one piece, without the white space at its outer end.
    private static List<Value> Words(Text text, List<(int Start, int End)> words, int most, bool fromEnd)
    {
        if (most < 0 || words.Count <= most + 1)
            return [.. words.Select(word => text.Slice(word.Start, word.End - word.Start))];
        var kept = fromEnd ? words[^most..] : words[..most];
        var parts = kept.Select(word => (Value)text.Slice(word.Start, word.End - word.Start)).ToList();
        if (fromEnd)
            parts.Insert(0, Spaces.Trim(text.Slice(0, kept.Count > 0 ? kept[0].Start : text.Length), null, start: false));
        else
            parts.Add(Spaces.Trim(text.Slice(kept.Count > 0 ? kept[^1].End : 0, text.Length - (kept.Count > 0 ? kept[^1].End : 0)), null, end: false));
        return parts;
    }

    private static List<(int Start, int End)> Occurrences(Text text, string separator, bool fromEnd)
    {
        var found = new List<(int, int)>();
        if (!fromEnd)
        {
            for (int at = 0; (at = text.Characters.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; at += separator.Length)
                found.Add((at, at + separator.Length));
            return found;
        }
        for (int end = text.Length; end >= separator.Length;)
        {
            int at = text.Characters.AsSpan(0, end).LastIndexOf(separator);
            if (at < 0)
                break;
            found.Add((at, at + separator.Length));
            end = at;
        }
        found.Reverse();
        return found;
    }

    private static List<(int Start, int End)> Stretches(Text text)
    {
        var words = new List<(int, int)>();
        for (int i = 0; i < text.Length; i++)
        {
            if (Spaces.Is(text.Characters[i]))
                continue;
            int start = i;
            while (i < text.Length && !Spaces.Is(text.Characters[i]))
                i++;
            words.Add((start, i));
        }
        return words;
    }
}
