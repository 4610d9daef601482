using System.Globalization;

namespace Cria.Templates;

/// <summary>Values as Python's <c>json.dumps</c> writes them, which transformers puts in place of Jinja's <c>tojson</c>.</summary>
/// <param name="Indent">What one level is indented by; null for one line.</param>
/// <param name="Item">What stands between items.</param>
/// <param name="Key">What stands behind a key.</param>
/// <param name="Ascii">Whether other characters than ASCII are written as escapes.</param>
/// <param name="Sorted">Whether keys are sorted.</param>
internal sealed record JsonText(string? Indent, string Item, string Key, bool Ascii, bool Sorted)
{
    /// <summary>As <c>tojson</c> writes without arguments.</summary>
    public static readonly JsonText Plain = new(null, ", ", ": ", Ascii: false, Sorted: false);

    public Text Write(Value value, Budget budget)
    {
        var to = new TextBuilder(budget);
        Write(value, to, depth: 0);
        return to.ToText();
    }

    private void Write(Value value, TextBuilder to, int depth)
    {
        switch (value)
        {
            case Text text:
                WriteText(text, to);
                break;
            case ListValue list:
                WriteBlock('[', ']', list, to, depth, item => Write(item, to, depth + 1));
                break;
            case MapValue map:
                var entries = Sorted ? map.Entries.OrderBy(entry => Name(entry.Key).Characters, StringComparer.Ordinal) : map.Entries;
                WriteBlock('{', '}', [.. entries], to, depth, entry =>
                {
                    WriteText(Name(entry.Key), to);
                    to.Append(Key);
                    Write(entry.Value, to, depth + 1);
                });
                break;
            default:
                to.Append(Word(value));
                break;
        }
    }

    private void WriteBlock<T>(char open, char close, IReadOnlyList<T> items, TextBuilder to, int depth, Action<T> write)
    {
        to.Append([open]);
        for (int i = 0; i < items.Count; i++)
        {
            to.Append(i > 0 ? Item : "");
            BreakLine(to, depth + 1);
            write(items[i]);
        }
        if (items.Count > 0)
            BreakLine(to, depth);
        to.Append([close]);
    }

    private void BreakLine(TextBuilder to, int depth)
    {
        if (Indent is null)
            return;
        to.Append("\n");
        for (; depth > 0; depth--)
            to.Append(Indent);
    }

    private static Text Name(Value key) => key switch
    {
        Text text => text,
        Number or None => new Text(Word(key)),
        _ => throw new JinjaException($"tojson cannot write {key.Kind} as a key."),
    };

    private static string Word(Value value) => value switch
    {
        None => "null",
        Bool truth => truth.IsTrue ? "true" : "false",
        Number { Whole: { } whole } => whole.ToString(CultureInfo.InvariantCulture),
        Number { AsDouble: var number } => double.IsFinite(number) ? FloatText.Of(number) : double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity",
        Undefined missing => throw missing.Error(),
        _ => throw new JinjaException($"tojson cannot write {value.Kind}."),
    };

    // Runs of characters that stand as they are go over at once: a long text is one piece.
    private void WriteText(Text text, TextBuilder to)
    {
        to.Append("\"");
        int from = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (Escaped(text.Characters[i]) is not { } escaped)
                continue;
            to.Append(text.Slice(from, i - from)).Append(escaped, text.OriginAt(i));
            from = i + 1;
        }
        to.Append(text.Slice(from, text.Length - from)).Append("\"");
    }

    private string? Escaped(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        _ when c < ' ' || Ascii && c > '~' => $"\\u{(int)c:x4}",
        _ => null,
    };
}
