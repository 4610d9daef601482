using System.Text.Json;

namespace Cria.Data;

/// <summary>The elements of a file that is one JSON array, read one at a time: the file may be larger than the memory.</summary>
internal sealed class RecordArray(RecordBuffer buffer)
{
    private bool began;

    /// <summary>Whether a file holds an array: its first letter tells.</summary>
    public static bool Is(RecordBuffer buffer)
    {
        int place = 0;
        while (IsSpace(buffer[place]))
            place++;
        return buffer[place] == '[';
    }

    /// <summary>The next element, or null behind the last.</summary>
    /// <exception cref="DataException">It is not valid JSON: where the next one would begin cannot be told.</exception>
    public JsonDocument? Next(out RecordOrigin origin)
    {
        char mark = SkipTo(began ? ",]" : "[");
        if (mark == '[' && SkipSpace() == ']')
            mark = SkipTo("]");
        began = true;
        if (mark == ']')
        {
            origin = default;
            return SkipSpace() < 0 ? null : throw Wrong(0);
        }
        SkipSpace();
        origin = new RecordOrigin(buffer.Path, buffer.Line);
        return Parse(Length());
    }

    private JsonDocument Parse(int length)
    {
        var (line, column) = (buffer.Line, buffer.Column);
        try
        {
            return JsonDocument.Parse(buffer.Take(length));
        }
        catch (JsonException wrong)
        {
            throw NotJson(line + (int)(wrong.LineNumber ?? 0), (wrong.BytePositionInLine ?? 0) + (wrong.LineNumber > 0 ? 0 : column));
        }
    }

    /// <summary>How many bytes the element has that begins here: up to the comma or bracket that follows it on its own level.</summary>
    private int Length()
    {
        int depth = 0;
        bool quoted = false;
        for (int place = 0; ; place++)
        {
            switch (buffer[place])
            {
                case < 0:
                    throw Wrong(place);
                case '"':
                    quoted = !quoted;
                    break;
                case '\\' when quoted:
                    place++;
                    break;
                case '{' or '[' when !quoted:
                    depth++;
                    break;
                case ',' or ']' when !quoted && depth == 0:
                    return place;
                case '}' or ']' when !quoted:
                    depth--;
                    break;
            }
        }
    }

    private char SkipTo(string expected)
    {
        int found = SkipSpace();
        if (found < 0 || !expected.Contains((char)found))
            throw Wrong(0);
        buffer.Take(1);
        return (char)found;
    }

    private int SkipSpace()
    {
        while (IsSpace(buffer[0]))
            buffer.Take(1);
        return buffer[0];
    }

    private DataException Wrong(int place)
    {
        buffer.Take(place);
        return NotJson(buffer.Line, buffer.Column);
    }

    private DataException NotJson(int line, long column) => DataException.NotJson(new RecordOrigin(buffer.Path, line), column);

    private static bool IsSpace(int letter) => letter is ' ' or '\t' or '\r' or '\n';
}
