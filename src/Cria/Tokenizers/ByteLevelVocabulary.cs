using System.Text;

namespace Cria.Tokenizers;

/// <summary>Byte-level BPE from plain lists, where each byte of a token is written as one printable character, as in GPT-2's files.</summary>
/// <remarks>
/// The bytes of printable Latin-1 characters are written as themselves; the other 68, in their order, as U+0100 and up (a space is Ġ).
/// </remarks>
internal static class ByteLevelVocabulary
{
    private static readonly string[] Llama3Splitters = ["llama-bpe", "llama3", "llama-v3"];

    public static Tokenizer Read(TokenizerVocabulary vocabulary)
    {
        string file = vocabulary.Name;
        if (!Llama3Splitters.Contains(vocabulary.Splitter))
            throw TokenizerException.Unreadable(file, $"a byte-level vocabulary that splits text by '{vocabulary.Splitter}'",
                $"use a model of the Llama 3 family: it names {string.Join(" or ", Llama3Splitters)}.");

        var kinds = KindsOf(vocabulary);
        var values = ByteValues();
        byte[][] bytes = [.. vocabulary.Pieces.Select((piece, id) => kinds[id] == TokenKind.Normal
            ? BytesOf(file, piece, id, values) : Encoding.UTF8.GetBytes(piece))];
        var tokens = new Vocabulary(file, bytes, id => vocabulary.Pieces[id], kinds, vocabulary.BeginOfText, EndsOf(vocabulary));

        var (ids, byPiece) = (new Dictionary<byte[], int>(bytes.Length, new BytesComparer()), new Dictionary<string, int>(bytes.Length));
        for (int id = 0; id < bytes.Length; id++)
            if (kinds[id] == TokenKind.Normal && ids.TryAdd(bytes[id], id))
                byPiece.TryAdd(vocabulary.Pieces[id], id);
        return new ByteLevelTokenizer(tokens, ByteLevelLexicon.OfMerges(file, ids, MergesOf(vocabulary, byPiece)), new Llama3Splitter());
    }

    private static TokenKind[] KindsOf(TokenizerVocabulary vocabulary)
    {
        if (vocabulary.Kinds is not { } kinds)
            return [.. vocabulary.Pieces.Select(p => p.StartsWith("<|", StringComparison.Ordinal) && p.EndsWith("|>", StringComparison.Ordinal)
                ? TokenKind.Control : TokenKind.Normal)];
        if (kinds.Count != vocabulary.Pieces.Count)
            throw TokenizerException.Damaged(vocabulary.Name, "its kinds", $"{vocabulary.Pieces.Count}, one for each piece", $"{kinds.Count}");
        return [.. kinds];
    }

    // A file may name one end only; the others of Llama 3 end an answer all the same.
    private static IEnumerable<int> EndsOf(TokenizerVocabulary vocabulary) => vocabulary.EndOfText.Concat(
        vocabulary.Pieces.Select((piece, id) => (piece, id)).Where(t => Llama3Specials.Ends.Contains(t.piece)).Select(t => t.id));

    private static byte[] BytesOf(string file, string piece, int id, Dictionary<char, byte> values)
    {
        byte[] bytes = new byte[piece.Length];
        for (int i = 0; i < bytes.Length; i++)
            if (!values.TryGetValue(piece[i], out bytes[i]))
                throw TokenizerException.Damaged(file, $"piece {id}", "characters that stand for bytes, such as Ġ for a space", $"U+{(int)piece[i]:X4}");
        return bytes;
    }

    private static Dictionary<char, byte> ByteValues()
    {
        var values = new Dictionary<char, byte>(256);
        char next = '\u0100';
        for (int b = 0; b < 256; b++)
            values.Add(b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)b : next++, (byte)b);
        return values;
    }

    private static IEnumerable<(int Left, int Right, int Token)> MergesOf(TokenizerVocabulary vocabulary, Dictionary<string, int> ids)
    {
        var merges = vocabulary.Merges ?? throw TokenizerException.Damaged(vocabulary.Name, "its merges", "a list of them", "none");
        for (int i = 0; i < merges.Count; i++)
        {
            int space = merges[i].IndexOf(' ', StringComparison.Ordinal);
            string left = merges[i][..Math.Max(space, 0)], right = merges[i][(space + 1)..];
            if (!ids.TryGetValue(left, out int leftId) || !ids.TryGetValue(right, out int rightId) || !ids.TryGetValue(left + right, out int id))
                throw TokenizerException.Damaged(vocabulary.Name, $"merge {i}", "two pieces of the vocabulary whose joined text is a piece too",
                    $"'{merges[i][..Math.Min(merges[i].Length, 60)]}'");
            yield return (leftId, rightId, id);
        }
    }
}
