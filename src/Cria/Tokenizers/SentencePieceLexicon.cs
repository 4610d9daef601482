using System.Globalization;
using System.Text;

namespace Cria.Tokenizers;

/// <summary>What encoding looks up in a SentencePiece vocabulary: the symbol of a character, the merges, the ids of the bytes.</summary>
/// <remarks>A symbol is the id of a piece, or the complement of a code point that is no piece (it may still be part of one).</remarks>
internal sealed class SentencePieceLexicon
{
    /// <summary>No piece is longer (Llama 2: 16). Every way to cut a piece in two is a merge, so a long one would cost its square.</summary>
    internal const int LongestPiece = 256;

    private readonly Dictionary<int, int> symbols = [];             // by code point
    private readonly int[] asciiSymbols = new int[128];
    private readonly int[] byteIds = new int[256];

    public SentencePieceLexicon(TokenizerVocabulary vocabulary, TokenKind[] kinds)
    {
        var ids = NormalPieces(vocabulary, kinds);
        foreach (var (piece, id) in ids)
            if (Rune.DecodeFromUtf16(piece, out var rune, out int length) == 0 && length == piece.Length)
                symbols[rune.Value] = id;
        for (int c = 0; c < asciiSymbols.Length; c++)
            asciiSymbols[c] = symbols.GetValueOrDefault(c, ~c);
        SpaceSymbol = SymbolOf(new Rune(SentencePieceTokenizer.Space));
        SpacesStartPieces = !ids.Keys.Any(HasSpaceAfterLetter);
        Merges = vocabulary.Merges is null ? MergesOf(ids, RanksOf(vocabulary)) : MergeList.Table(vocabulary, ids);
        HasBytes = FindBytes(vocabulary, kinds);
        Unknown = Array.IndexOf(kinds, TokenKind.Unknown);
        if (!HasBytes && Unknown < 0)
            throw TokenizerException.Damaged(vocabulary.Name, "its list of pieces",
                "256 byte pieces or an unknown piece, for characters that are no piece", "neither");
    }

    public MergeTable Merges { get; }

    public int SpaceSymbol { get; }

    /// <summary>Whether every piece that holds a space holds it at its start.</summary>
    public bool SpacesStartPieces { get; }

    public bool HasBytes { get; }

    public int Unknown { get; }

    public int IdOfByte(byte b) => byteIds[b];

    public int SymbolOf(Rune rune) => rune.IsAscii ? asciiSymbols[rune.Value] : symbols.GetValueOrDefault(rune.Value, ~rune.Value);

    /// <summary>The kinds of the pieces, guessed from their spelling where the vocabulary does not say.</summary>
    public static TokenKind[] KindsOf(TokenizerVocabulary vocabulary)
    {
        var pieces = vocabulary.Pieces;
        if (vocabulary.Kinds is not { } kinds)
            return [.. pieces.Select(p => p == "<unk>" ? TokenKind.Unknown : IsByte(p) ? TokenKind.Byte : TokenKind.Normal)];
        ExpectOneEach(vocabulary, "kinds", kinds.Count);
        for (int id = 0; id < kinds.Count; id++)
            if (kinds[id] == TokenKind.Byte && !IsByte(pieces[id]))
                throw TokenizerException.Damaged(vocabulary.Name, $"piece {id}", "the name of a byte, such as <0x0A>", $"'{Excerpt.Of(pieces[id], 40)}'");
        return [.. kinds];
    }

    /// <summary>The merges that the scores amount to, each <c>left right</c>, first the one that is done first. Of characters that are no piece there are none.</summary>
    public static IEnumerable<string> WriteMerges(TokenizerVocabulary vocabulary) =>
        from merge in new SentencePieceLexicon(vocabulary, KindsOf(vocabulary)).Merges.Ordered()
        where merge.Left >= 0 && merge.Right >= 0
        select $"{vocabulary.Pieces[merge.Left]} {vocabulary.Pieces[merge.Right]}";

    public static byte ByteOf(string piece) => byte.Parse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public static bool IsByte(string piece) =>
        piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[5] == '>'
        && char.IsAsciiHexDigit(piece[3]) && char.IsAsciiHexDigit(piece[4]);

    private static void ExpectOneEach(TokenizerVocabulary vocabulary, string list, int found)
    {
        if (found != vocabulary.Pieces.Count)
            throw TokenizerException.Damaged(vocabulary.Name, $"its {list}", $"{vocabulary.Pieces.Count}, one for each piece", $"{found}");
    }

    /// <summary>The ids of the pieces that text may become, but for bytes.</summary>
    public static Dictionary<string, int> NormalPieces(TokenizerVocabulary vocabulary, TokenKind[] kinds)
    {
        var ids = new Dictionary<string, int>(kinds.Length);
        for (int id = 0; id < kinds.Length; id++)
        {
            string piece = vocabulary.Pieces[id];
            if (kinds[id] != TokenKind.Normal || piece.Length == 0)
                continue;
            if (piece.Length > LongestPiece)
                throw TokenizerException.Damaged(vocabulary.Name, $"piece {id}", $"at most {LongestPiece} characters", $"{piece.Length}");
            ids.TryAdd(piece, id);
        }
        return ids;
    }

    private static bool HasSpaceAfterLetter(string piece) =>
        piece.AsSpan().TrimStart(SentencePieceTokenizer.Space).Contains(SentencePieceTokenizer.Space);

    // The rank of a merge is the place of its score among all scores, highest first; equal scores share a rank, so the leftmost wins.
    private static int[] RanksOf(TokenizerVocabulary vocabulary)
    {
        var scores = vocabulary.Scores ?? throw TokenizerException.Damaged(vocabulary.Name, "its scores", "one for each piece", "none");
        ExpectOneEach(vocabulary, "scores", scores.Count);
        for (int id = 0; id < scores.Count; id++)
            if (!float.IsFinite(scores[id]))
                throw TokenizerException.Damaged(vocabulary.Name, $"the score of piece {id}", "a finite number", $"{scores[id]}");
        float[] ordered = [.. scores.Distinct().OrderDescending()];
        var places = new Dictionary<float, int>(ordered.Length);
        foreach (float score in ordered)
            places.Add(score, places.Count);
        return [.. scores.Select(s => places[s])];
    }

    // SentencePiece may merge any two neighbours whose joined text is a piece: so every way to cut a piece in two is a merge.
    private static MergeTable MergesOf(Dictionary<string, int> ids, int[] ranks)
    {
        var table = new MergeTable(2 * ids.Count);
        var bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (piece, id) in ids)
            for (int cut = 1; cut < piece.Length; cut++)
                if (Symbol(piece.AsSpan(0, cut)) is { } left && Symbol(piece.AsSpan(cut)) is { } right)
                    table.Add(left, right, id, ranks[id]);
        return table;

        int? Symbol(ReadOnlySpan<char> text)
        {
            if (bySpan.TryGetValue(text, out int id))
                return id;
            return Rune.DecodeFromUtf16(text, out var rune, out int length) == 0 && length == text.Length ? ~rune.Value : null;
        }
    }

    private bool FindBytes(TokenizerVocabulary vocabulary, TokenKind[] kinds)
    {
        Array.Fill(byteIds, -1);
        for (int id = 0; id < kinds.Length; id++)
            if (kinds[id] == TokenKind.Byte)
                byteIds[ByteOf(vocabulary.Pieces[id])] = id;
        int found = byteIds.Count(id => id >= 0);
        if (found is not (0 or 256))
            throw TokenizerException.Damaged(vocabulary.Name, "its byte pieces", "all 256 or none", $"{found}");
        return found == 256;
    }
}
