using System.Text.Json;

namespace Cria.Data;

/// <summary>The elements of a file that is one JSON array, with the line on which each begins, so that messages can name it.</summary>
internal sealed class RecordArray(byte[] file, string path)
{
    private JsonReaderState state;
    private int position;
    private int line = 1;
    private int counted;

    /// <summary>The next element, or null behind the last.</summary>
    public JsonDocument? Next(out RecordOrigin origin)
    {
        var reader = new Utf8JsonReader(file.AsSpan(position), isFinalBlock: true, state);
        try
        {
            if (position == 0)
                reader.Read();
            reader.Read();
            origin = new RecordOrigin(path, LineOf(position + (int)reader.TokenStartIndex));
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                reader.Read();   // throws where something follows
                return null;
            }
            var element = JsonDocument.ParseValue(ref reader);
            position += (int)reader.BytesConsumed;
            state = reader.CurrentState;
            return element;
        }
        catch (JsonException wrong)
        {
            var place = new RecordOrigin(path, (int)(wrong.LineNumber ?? 0) + 1);
            throw DataException.BadRecord(place, $"not valid JSON, at byte {wrong.BytePositionInLine} of this line.");
        }
    }

    private int LineOf(int offset)
    {
        line += file.AsSpan(counted, offset - counted).Count((byte)'\n');
        counted = offset;
        return line;
    }
}
