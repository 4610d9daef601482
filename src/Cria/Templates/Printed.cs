using System.Globalization;

namespace Cria.Templates;

/// <summary>Values as Python's <c>str</c> and <c>repr</c> write them.</summary>
internal static class Printed
{
    /// <summary>What stands where a value is printed.</summary>
    public static Text Text(Value value, Budget budget) => value switch
    {
        Text text => text,
        Undefined => Templates.Text.Empty,
        _ => Quoted(value, budget),
    };

    /// <summary>The same, but a text in quotes: as it stands within a list.</summary>
    public static Text Quoted(Value value, Budget budget)
    {
        var result = new TextBuilder(budget);
        Write(value, result);
        return result.ToText();
    }

    private static void Write(Value value, TextBuilder to)
    {
        switch (value)
        {
            case Text text:
                WriteText(text, to);
                break;
            case ListValue list:
                to.Append(list.IsTuple ? "(" : "[");
                WriteAll(list, to);
                to.Append(list.IsTuple ? list.Count == 1 ? ",)" : ")" : "]");
                break;
            case MapValue map:
                to.Append("{");
                int i = 0;
                foreach (var (key, item) in map.Entries)
                {
                    to.Append(i++ > 0 ? ", " : "");
                    Write(key, to);
                    to.Append(": ");
                    Write(item, to);
                }
                to.Append("}");
                break;
            default:
                to.Append(Word(value));
                break;
        }
    }

    private static void WriteAll(ListValue list, TextBuilder to)
    {
        for (int i = 0; i < list.Count; i++)
        {
            to.Append(i > 0 ? ", " : "");
            Write(list[i], to);
        }
    }

    private static string Word(Value value) => value switch
    {
        None => "None",
        Bool truth => truth.IsTrue ? "True" : "False",
        Number { Whole: { } whole } => whole.ToString(CultureInfo.InvariantCulture),
        Number number => FloatText.Of(number.AsDouble),
        Undefined => "Undefined",
        Callable function => $"<function {function.Name}>",
        _ => $"<{value.Kind}>",
    };

    private static void WriteText(Text text, TextBuilder to)
    {
        char quote = text.Characters.Contains('\'', StringComparison.Ordinal) && !text.Characters.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        to.Append([quote]);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text.Characters[i];
            var origin = text.OriginAt(i);
            if (Escaped(c, quote) is { } escaped)
                to.Append(escaped, origin);
            else
                to.Append([c], origin);
        }
        to.Append([quote]);
    }

    private static string? Escaped(char c, char quote) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\\' => "\\\\",
        _ when c == quote => $"\\{c}",
        _ when c < ' ' || c is >= '\x7f' and <= '\xa0' or '\xad' => $"\\x{(int)c:x2}",
        _ when c != ' ' && !char.IsSurrogate(c) && IsHidden(char.GetUnicodeCategory(c)) => $"\\u{(int)c:x4}",
        _ => null,
    };

    private static bool IsHidden(UnicodeCategory category) => category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator;
}
