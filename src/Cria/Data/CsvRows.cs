namespace Cria.Data;

/// <summary>The rows of a table in text: fields between commas, in quotes where they hold a comma, a quote (then doubled) or a line end.</summary>
/// <remarks>Shafranovich 2005, RFC 4180, <see href="https://www.rfc-editor.org/rfc/rfc4180"/>; the separator may be another one.</remarks>
internal sealed class CsvRows(RecordBuffer buffer, char separator)
{
    /// <summary>The most fields of a row that are kept: far more than any table has columns.</summary>
    public const int MostFields = 1 << 12;

    private readonly List<(int Start, int Length, bool Quoted)> places = [];
    private ReadOnlyMemory<byte> row;

    /// <summary>The line on which the row begins, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>How many fields the row has.</summary>
    public int Count { get; private set; }

    /// <summary>What is wrong with the row, or null.</summary>
    public string? Wrong { get; private set; }

    /// <summary>Goes to the next row that is not blank; false behind the last.</summary>
    public bool Next()
    {
        while (buffer[0] is '\r' or '\n')
            buffer.Take(1);
        places.Clear();
        (Line, Count, Wrong) = (buffer.Line, 0, null);
        if (buffer[0] < 0)
            return false;
        int place = 0;
        while (Field(ref place))
            place++;
        row = buffer.Take(place);
        return true;
    }

    /// <summary>The bytes of a field.</summary>
    public ReadOnlySpan<byte> this[int field]
    {
        get
        {
            var (start, length, quoted) = places[field];
            var bytes = row.Span.Slice(start, length);
            return quoted && bytes.Contains((byte)'"') ? Single(bytes) : bytes;
        }
    }

    // True where another field follows; the place is then that of the separator, else that of the line end.
    private bool Field(ref int place)
    {
        int start = place;
        bool quoted = buffer[place] == '"';
        if (quoted)
            Quoted(ref place);
        int closed = place;
        while (buffer[place] is >= 0 and not '\n' && buffer[place] != separator)
            place++;
        int end = place > start && buffer[place] is '\n' or < 0 && buffer[place - 1] == '\r' ? place - 1 : place;
        if (quoted && Wrong is null && end > closed)
            Wrong = $"field {Count + 1} goes on behind its closing quote.";
        if (Count++ < MostFields)
            places.Add(quoted ? (start + 1, Math.Max(0, closed - start - 2), true) : (start, Math.Max(0, end - start), false));
        return buffer[place] == separator;
    }

    private void Quoted(ref int place)
    {
        for (place++; ; place++)
        {
            int letter = buffer[place];
            if (letter < 0)
            {
                Wrong = $"the quote of field {Count + 1} is never closed.";
                return;
            }
            if (letter != '"')
                continue;
            place++;
            if (buffer[place] != '"')
                return;
        }
    }

    private static byte[] Single(ReadOnlySpan<byte> quoted)
    {
        byte[] single = new byte[quoted.Length];
        int length = 0;
        for (int i = 0; i < quoted.Length; i++)
        {
            single[length++] = quoted[i];
            if (quoted[i] == '"')
                i++;
        }
        return single[..length];
    }
}
