namespace Cria.Tokenizers;

/// <summary>SentencePiece-like pieces whose order is given by merges, as in <c>tokenizer.json</c>, instead of by scores.</summary>
/// <remarks>
/// Converters make the merges of a SentencePiece model thus: every way to cut a piece into two others, the pieces by score. Then the scores are
/// found again, up to their distances, and the ids are SentencePiece's. Merges that some other program learned may leave ways out; they are kept.
/// </remarks>
internal static class MergedPieces
{
    public static TokenizerVocabulary Scored(TokenizerVocabulary vocabulary, bool byteFallback)
    {
        TokenKind[] kinds = [.. vocabulary.Kinds!.Select((kind, id) =>
            kind == TokenKind.Normal && byteFallback && SentencePieceLexicon.IsByte(vocabulary.Pieces[id]) ? TokenKind.Byte : kind)];
        vocabulary = vocabulary with { Kinds = kinds };
        var ids = SentencePieceLexicon.NormalPieces(vocabulary, kinds);
        var (scores, inOrder) = Scores(vocabulary, ids);
        bool complete = inOrder && Cuts(ids) == vocabulary.Merges!.Count;
        return vocabulary with { Scores = scores, Merges = complete ? null : vocabulary.Merges };
    }

    // The n-th piece that a merge makes scores −n, a piece that none makes less than all; and whether all merges of a piece stand together.
    private static (float[] Scores, bool InOrder) Scores(TokenizerVocabulary vocabulary, Dictionary<string, int> ids)
    {
        float[] scores = new float[vocabulary.Pieces.Count];
        Array.Fill(scores, -scores.Length);
        int last = -1, made = 0;
        bool inOrder = true;
        foreach (var (_, _, id) in MergeList.Read(vocabulary, ids))
        {
            if (id == last)
                continue;
            last = id;
            if (scores[id] > -scores.Length)
                inOrder = false;
            else
                scores[id] = -made++;
        }
        return (scores, inOrder);
    }

    private static int Cuts(Dictionary<string, int> ids)
    {
        var byText = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        int cuts = 0;
        foreach (string piece in ids.Keys)
            for (int cut = 1; cut < piece.Length; cut++)
                if (byText.ContainsKey(piece.AsSpan(0, cut)) && byText.ContainsKey(piece.AsSpan(cut)))
                    cuts++;
        return cuts;
    }
}
