namespace Cria.Templates;

/// <summary>Filters that make texts.</summary>
internal static class TextFilters
{
    private static readonly (string Character, string Entity)[] Entities = [("&", "&amp;"), (">", "&gt;"), ("<", "&lt;"), ("'", "&#39;"), ("\"", "&#34;")];

    /// <summary><c>tojson(ensure_ascii, indent, separators, sort_keys)</c>.</summary>
    /// <remarks>transformers, <c>utils/chat_template_utils.py</c>: Python's <c>json.dumps</c> with <c>ensure_ascii=False</c>, and nothing escaped for HTML.</remarks>
    public static Value ToJson(Value value, Call call)
    {
        var bound = call.Bind("ensure_ascii", "indent", "separators", "sort_keys");
        string? indent = bound[1] switch
        {
            null or None => null,
            Text text => text.Characters,
            var width => new string(' ', Math.Clamp(call.Count(width, 0), 0, Budget.MostDepth)),
        };
        var (item, key) = bound[2] is ListValue { Count: 2 } separators
            ? (call.Text(separators[0]).Characters, call.Text(separators[1]).Characters)
            : (indent is null ? ", " : ",", ": ");
        return new JsonText(indent, item, key, bound[0]?.IsTrue == true, bound[3]?.IsTrue == true).Write(value, call.Budget);
    }

    public static Value Join(Value value, Call call)
    {
        var bound = call.Bind("d", "attribute");
        var between = bound[0] is { } given ? Printed.Text(given, call.Budget) : Text.Empty;
        var items = call.Items(value);
        if (bound[1] is { } attribute)
            items = [.. items.Select(item => ListFilters.Attribute(item, attribute))];
        var joined = new TextBuilder(call.Budget);
        for (int i = 0; i < items.Count; i++)
            joined.Append(i > 0 ? between : Text.Empty).Append(Printed.Text(items[i], call.Budget));
        return joined.ToText();
    }

    public static Value Replace(Value value, Call call)
    {
        var bound = call.Bind(2, "old", "new", "count");
        string old = Printed.Text(bound[0]!, call.Budget).Characters;
        return TextMethods.Replace(Printed.Text(value, call.Budget), old, Printed.Text(bound[1]!, call.Budget), call.Count(bound[2], -1), call.Budget);
    }

    public static Value Indent(Value value, Call call)
    {
        var bound = call.Bind("width", "first", "blank");
        string margin = bound[0] is Text given ? given.Characters : new string(' ', Math.Clamp(call.Count(bound[0], 4), 0, Budget.MostDepth));
        bool first = bound[1]?.IsTrue == true, blank = bound[2]?.IsTrue == true;
        var result = new TextBuilder(call.Budget);
        var text = Printed.Text(value, call.Budget);
        for (int from = 0; from <= text.Length;)
        {
            int end = text.Characters.IndexOf('\n', from);
            int next = end < 0 ? text.Length + 1 : end + 1;
            if (from == 0 ? first : blank || (end < 0 ? text.Length : end) > from)
                result.Append(margin);
            result.Append(text.Slice(from, Math.Min(next, text.Length) - from));
            from = next;
        }
        return result.ToText();
    }

    /// <summary>A capital at the start of each word, as the filter does it: an apostrophe is no start, unlike in <c>str.title</c>.</summary>
    public static Text Title(Text text)
    {
        char[] characters = text.Characters.ToCharArray();
        bool start = true;
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = start ? char.ToUpperInvariant(characters[i]) : char.ToLowerInvariant(characters[i]);
            start = Spaces.Is(characters[i]) || characters[i] is '-' or '(' or '{' or '[' or '<';
        }
        return text.WithCharacters(new string(characters));
    }

    public static Value Escape(Value value, Call call) => Entities.Aggregate(
        Printed.Text(value, call.Budget), (text, entity) => TextMethods.Replace(text, entity.Character, new Text(entity.Entity), -1, call.Budget));
}
