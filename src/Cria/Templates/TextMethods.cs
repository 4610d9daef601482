namespace Cria.Templates;

/// <summary>Methods of texts, as Python has them. Every result keeps the origins of its characters.</summary>
internal static class TextMethods
{
    public static Text Capitalize(Text text) => text.Length == 0
        ? text
        : text.WithCharacters(text.Characters[..1].ToUpperInvariant() + text.Characters[1..].ToLowerInvariant());

    /// <summary>A capital wherever a letter follows something else, as <c>str.title</c>.</summary>
    public static Text Title(Text text)
    {
        char[] characters = text.Characters.ToCharArray();
        bool within = false;
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = within ? char.ToLowerInvariant(characters[i]) : char.ToUpperInvariant(characters[i]);
            within = char.IsLetter(characters[i]);
        }
        return text.WithCharacters(new string(characters));
    }

    public static Value Count(Text text, Call call)
    {
        string part = call.Text(call.Bind(1, "sub")[0]).Characters;
        if (part.Length == 0)
            return new Integer(Sequences.Count(text) + 1);
        int count = 0;
        for (int at = 0; (at = text.Characters.IndexOf(part, at, StringComparison.Ordinal)) >= 0; at += part.Length)
            count++;
        return new Integer(count);
    }

    public static Value Affix(Text text, Call call, bool atEnd)
    {
        var affix = call.Bind(1, atEnd ? "suffix" : "prefix")[0]!;
        var any = affix is ListValue { IsTuple: true } list ? list : new ListValue([affix], isTuple: true);
        return Bool.Of(any.Any(one => atEnd
            ? text.Characters.EndsWith(call.Text(one).Characters, StringComparison.Ordinal)
            : text.Characters.StartsWith(call.Text(one).Characters, StringComparison.Ordinal)));
    }

    public static Integer Find(Text text, Call call, bool last)
    {
        string part = call.Text(call.Bind(1, "sub")[0]).Characters;
        int at = last ? text.Characters.LastIndexOf(part, StringComparison.Ordinal) : text.Characters.IndexOf(part, StringComparison.Ordinal);
        return new Integer(at <= 0 ? at : Sequences.Count(text.Slice(0, at)));
    }

    public static Value Index(Text text, Call call)
    {
        var at = Find(text, call, last: false);
        return at.AsDouble >= 0 ? at : throw new JinjaException("index: the text does not hold that part.");
    }

    public static Bool All(Text text, Func<char, bool> condition) => Bool.Of(text.Length > 0 && text.Characters.All(condition));

    public static Bool Cased(Text text, Func<char, bool> wanted, Func<char, bool> unwanted) =>
        Bool.Of(text.Characters.Any(wanted) && !text.Characters.Any(unwanted));

    public static Text Join(Text between, IReadOnlyList<Value> items, Call call)
    {
        var joined = new TextBuilder(call.Budget);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
                joined.Append(between);
            joined.Append(call.Text(items[i]));
        }
        return joined.ToText();
    }

    public static Value Partition(Text text, Call call)
    {
        var separator = call.Text(call.Bind(1, "sep")[0]);
        int at = text.Characters.IndexOf(separator.Characters, StringComparison.Ordinal);
        int behind = at + separator.Length;
        return at < 0 ? new ListValue([text, Text.Empty, Text.Empty], isTuple: true)
            : new ListValue([text.Slice(0, at), text.Slice(at, separator.Length), text.Slice(behind, text.Length - behind)], isTuple: true);
    }

    public static Text Remove(Text text, Call call, bool atEnd)
    {
        var affix = call.Text(call.Bind(1, atEnd ? "suffix" : "prefix")[0]);
        if (!Affix(text, call, atEnd).IsTrue)
            return text;
        return text.Slice(atEnd ? 0 : affix.Length, text.Length - affix.Length);
    }

    public static Text Replace(Text text, Call call)
    {
        var bound = call.Bind(2, "old", "new", "count");
        return Replace(text, call.Text(bound[0]).Characters, call.Text(bound[1]), call.Count(bound[2], -1), call.Budget);
    }

    /// <summary>Puts a text in place of another, the first so many times, or wherever it stands.</summary>
    public static Text Replace(Text text, string old, Text by, int most, Budget budget)
    {
        var result = new TextBuilder(budget);
        int from = 0;
        for (int done = 0; most < 0 || done < most; done++)
        {
            int at = old.Length > 0 ? text.Characters.IndexOf(old, from, StringComparison.Ordinal) : done == 0 ? 0 : from + 1;
            if (at < 0 || at > text.Length)
                break;
            result.Append(text.Slice(from, at - from)).Append(by);
            from = at + old.Length;
        }
        return result.Append(text.Slice(from, text.Length - from)).ToText();
    }
}
