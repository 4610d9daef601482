using System.Text;

namespace Cria.Tokenizers;

/// <summary>Byte-level BPE from plain lists, where <see cref="ByteLetters"/> write the tokens; and back.</summary>
internal static class ByteLevelVocabulary
{
    public static Tokenizer Read(TokenizerVocabulary vocabulary)
    {
        string file = vocabulary.Name;
        var splitter = SplitterOf(vocabulary)
            ?? throw TokenizerException.Unreadable(file, $"a byte-level vocabulary that splits text by '{vocabulary.Splitter}'",
                $"use a LLaMA model: its vocabulary names {string.Join(" or ", Splitter.Names)}.");

        var kinds = KindsOf(vocabulary);
        byte[][] bytes = [.. vocabulary.Pieces.Select((piece, id) => kinds[id] == TokenKind.Normal
            ? BytesOf(file, piece, id) : Encoding.UTF8.GetBytes(piece))];
        var tokens = new Vocabulary(file, bytes, id => vocabulary.Pieces[id], kinds, vocabulary.BeginOfText, EndsOf(vocabulary, kinds));

        var (ids, byPiece) = (new Dictionary<byte[], int>(bytes.Length, new BytesComparer()), new Dictionary<string, int>(bytes.Length));
        for (int id = 0; id < bytes.Length; id++)
            if (kinds[id] == TokenKind.Normal && ids.TryAdd(bytes[id], id))
                byPiece.TryAdd(vocabulary.Pieces[id], id);
        bool ignoreMerges = vocabulary.IgnoreMerges ?? splitter.IgnoresMerges;
        return new ByteLevelTokenizer(tokens, new ByteLevelLexicon(file, ids, MergeList.Table(vocabulary, byPiece), ignoreMerges), splitter);
    }

    /// <summary>The lists again. Merges that came without a list stand in the order of their tokens, then of their left and right halves.</summary>
    public static TokenizerVocabulary Write(Vocabulary tokens, ByteLevelLexicon lexicon, Splitter splitter)
    {
        string[] pieces = [.. Enumerable.Range(0, tokens.Count).Select(id => tokens.Kind(id) == TokenKind.Normal
            ? ByteLetters.Write(tokens.Bytes(id)) : Encoding.UTF8.GetString(tokens.Bytes(id)))];
        return new()
        {
            Name = tokens.File,
            Model = "gpt2",
            Splitter = splitter.Name,
            Pieces = pieces,
            Kinds = tokens.Kinds,
            Merges = [.. lexicon.Merges.Ordered().Select(merge => $"{pieces[merge.Left]} {pieces[merge.Right]}")],
            IgnoreMerges = lexicon.IgnoresMerges,
            BeginOfText = tokens.BeginOfText,
            EndOfText = tokens.EndOfText,
        };
    }

    // The first GGUF files of Llama 3 are older than the key that names the splitter. Marks of its chat format tell the family.
    private static Splitter? SplitterOf(TokenizerVocabulary vocabulary)
    {
        if (vocabulary.Splitter is not (null or "default"))
            return Splitter.Parse(vocabulary.Splitter);
        return vocabulary.Pieces.Contains("<|start_header_id|>") ? Splitter.Parse("llama-bpe")
            : vocabulary.Pieces.Contains("<|header_start|>") ? Splitter.Parse("llama4") : null;
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

    // A file may name one end only; the others of LLaMA end an answer all the same.
    private static IEnumerable<int> EndsOf(TokenizerVocabulary vocabulary, TokenKind[] kinds) => vocabulary.EndOfText.Concat(
        Enumerable.Range(0, kinds.Length).Where(id => kinds[id] is not TokenKind.Normal && SpecialTokens.IsEnd(vocabulary.Pieces[id])));

    private static byte[] BytesOf(string file, string piece, int id) => ByteLetters.Read(piece, out char wrong)
        ?? throw TokenizerException.Damaged(file, $"piece {id}", "characters that stand for bytes, such as Ġ for a space", $"U+{(int)wrong:X4}");
}
