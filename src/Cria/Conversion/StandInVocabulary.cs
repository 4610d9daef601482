using Cria.Tokenizers;

namespace Cria.Conversion;

/// <summary>A vocabulary of bytes and made-up words, for models of random weights: any text can be asked of them, and read back.</summary>
internal static class StandInVocabulary
{
    private const int Bytes = 256;

    private static readonly string[] Marks = ["<unk>", "<s>", "</s>"];

    /// <summary>As many tokens as are wanted; null for fewer than bytes and marks are.</summary>
    public static TokenizerVocabulary? Of(int count)
    {
        int words = count - Marks.Length - Bytes;
        if (words < 0)
            return null;
        var kinds = new List<TokenKind> { TokenKind.Unknown, TokenKind.Control, TokenKind.Control };
        kinds.AddRange(Enumerable.Repeat(TokenKind.Byte, Bytes));
        kinds.AddRange(Enumerable.Repeat(TokenKind.Normal, words));
        return new TokenizerVocabulary
        {
            Name = "stand-in",
            Model = "llama",
            Pieces = [.. Marks, .. Enumerable.Range(0, Bytes).Select(value => $"<0x{value:X2}>"), .. Enumerable.Range(0, words).Select(word => $"\u2581w{word}")],
            Scores = [.. Enumerable.Range(0, count).Select(id => (float)-id)],
            Kinds = kinds,
            BeginOfText = 1,
            EndOfText = [2],
        };
    }
}
