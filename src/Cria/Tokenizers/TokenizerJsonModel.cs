using System.Text.Json;

namespace Cria.Tokenizers;

/// <summary>The member <c>model</c> of <c>tokenizer.json</c>: pieces, merges and what BPE does with them.</summary>
/// <remarks>Most of the file is here, so it is read token by token and not as a tree.</remarks>
internal sealed class TokenizerJsonModel(string file)
{
    private const string Fix = "use the tokenizer.json of a LLaMA model.";

    private string?[] pieces = new string?[1024];
    private int count;

    /// <summary>The pieces by id, null where no piece has the id.</summary>
    public ReadOnlySpan<string?> Pieces => pieces.AsSpan(0, count);

    /// <summary>Each <c>left right</c>.</summary>
    public List<string> Merges { get; } = [];

    public bool ByteFallback { get; private set; }

    public bool IgnoreMerges { get; private set; }

    public string? Unknown { get; private set; }

    public static TokenizerJsonModel Read(string file, ref Utf8JsonReader reader)
    {
        var model = new TokenizerJsonModel(file);
        model.Expect(ref reader, JsonTokenType.StartObject, "model", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            model.ReadMember(ref reader);
        return model;
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        string name = reader.GetString()!;
        reader.Read();
        switch (name)
        {
            case "type" when reader.TokenType != JsonTokenType.Null && reader.GetString() is not "BPE" and var type:
                throw TokenizerException.Unreadable(file, $"a tokenizer.json of the kind '{type}'", Fix);
            case "continuing_subword_prefix" or "end_of_word_suffix" when reader.TokenType != JsonTokenType.Null && reader.GetString() is { Length: > 0 }:
                throw TokenizerException.Unreadable(file, $"a tokenizer.json whose pieces bear a mark ({name})", Fix);
            case "byte_fallback": ByteFallback = reader.TokenType == JsonTokenType.True; break;
            case "ignore_merges": IgnoreMerges = reader.TokenType == JsonTokenType.True; break;
            case "unk_token": Unknown = reader.TokenType == JsonTokenType.Null ? null : reader.GetString(); break;
            case "vocab": ReadPieces(ref reader); break;
            case "merges": ReadMerges(ref reader); break;
            default: reader.Skip(); break;
        }
    }

    private void ReadPieces(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "model.vocab", "an object with the id of each piece");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string piece = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id is < 0 or >= TokenizerFile.LargestVocabulary)
                throw Damaged($"piece '{Excerpt.Of(piece, 40)}'", $"an id from 0 to {TokenizerFile.LargestVocabulary - 1}", reader.TokenType.ToString());
            Add(piece, id);
        }
    }

    private void Add(string piece, int id)
    {
        if (id >= pieces.Length)
            Array.Resize(ref pieces, Math.Max(2 * pieces.Length, id + 1));
        count = Math.Max(count, id + 1);
        if (pieces[id] is { } other)
            throw Damaged($"piece '{Excerpt.Of(piece, 40)}'", "an id of its own", $"the id {id} of '{Excerpt.Of(other, 40)}'");
        pieces[id] = piece;
    }

    private void ReadMerges(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartArray, "model.merges", "a list");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            Merges.Add(reader.TokenType == JsonTokenType.StartArray ? Pair(ref reader) : Text(ref reader));
    }

    // A pair may hold blanks inside a piece. No text has any when it is merged, so such a merge never happens.
    private string Pair(ref Utf8JsonReader reader)
    {
        reader.Read();
        string left = Text(ref reader);
        reader.Read();
        string right = Text(ref reader);
        reader.Read();
        Expect(ref reader, JsonTokenType.EndArray, $"merge {Merges.Count}", "two pieces");
        return $"{left} {right}";
    }

    private string Text(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.String, $"merge {Merges.Count}", "two pieces");
        return reader.GetString()!;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string where, string expected)
    {
        if (reader.TokenType != type)
            throw Damaged(where, expected, reader.TokenType.ToString());
    }

    private TokenizerException Damaged(string where, string expected, string found) => TokenizerException.Damaged(file, where, expected, found);
}
