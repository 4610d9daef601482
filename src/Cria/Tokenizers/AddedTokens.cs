namespace Cria.Tokenizers;

/// <summary>Joins the tokens that were added by name to the pieces of a vocabulary.</summary>
internal static class AddedTokens
{
    /// <summary>In ids that neither list uses. They get names that no text has; a file of few bytes must not ask for many.</summary>
    private const int MostGaps = 1 << 16;

    /// <summary>The pieces and their kinds. A piece of the same name and id becomes the added token; an id that nothing uses, an unused one.</summary>
    public static (string[] Pieces, TokenKind[] Kinds) Join(string file, ReadOnlySpan<string?> pieces, List<AddedToken> added)
    {
        int count = added.Aggregate(pieces.Length, (most, token) => Math.Max(most, token.Id + 1));
        var joined = new string?[count];
        pieces.CopyTo(joined);
        var kinds = new TokenKind[count];
        Array.Fill(kinds, TokenKind.Normal);
        foreach (var token in added)
        {
            if (joined[token.Id] is { } other && other != token.Content)
                throw TokenizerException.Damaged(file, $"the added token '{Excerpt.Of(token.Content, 40)}'", "an id of its own", $"the id {token.Id} of '{Excerpt.Of(other, 40)}'");
            (joined[token.Id], kinds[token.Id]) = (token.Content, token.Kind);
        }
        return (WithoutGaps(file, joined, kinds), kinds);
    }

    private static string[] WithoutGaps(string file, string?[] pieces, TokenKind[] kinds)
    {
        int gaps = pieces.Count(piece => piece is null);
        if (gaps > MostGaps || gaps == pieces.Length)
            throw TokenizerException.Damaged(file, "its ids", $"pieces, and at most {MostGaps} ids that none has", $"{gaps} of {pieces.Length}");
        for (int id = 0; id < pieces.Length; id++)
            if (pieces[id] is null)
                (pieces[id], kinds[id]) = ($"[PAD{id}]", TokenKind.Unused);
        return pieces!;
    }
}
