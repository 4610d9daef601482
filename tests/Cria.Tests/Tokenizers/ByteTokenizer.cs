using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

/// <summary>A tokenizer one can read: the id of a character is its code, 256 and up are special.</summary>
internal static class ByteTokenizer
{
    public const int Begin = 256;
    public const int End = 257;
    public const int StartHeader = 258;
    public const int EndHeader = 259;
    public const int EndOfTurn = 260;

    public static Tokenizer Create(params string[] specials)
    {
        string[] names = specials.Length > 0
            ? specials
            : ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"];
        char next = '\u0100';
        var pieces = Enumerable.Range(0, 256)
            .Select(b => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)b : next++)
            .Select(letter => letter.ToString());
        return Tokenizer.FromVocabulary(new TokenizerVocabulary
        {
            Name = "bytes", Model = "gpt2", Splitter = "llama-bpe", Pieces = [.. pieces, .. names], Merges = [], BeginOfText = Begin, EndOfText = [End],
        });
    }

    /// <summary>Tokens as people read them, those that must be answered in brackets.</summary>
    public static string Show(Tokenizer tokenizer, RenderedChat chat)
    {
        var text = new System.Text.StringBuilder();
        for (int i = 0; i < chat.Tokens.Length; i++)
        {
            bool before = i > 0 && chat.Answer[i - 1];
            if (chat.Answer[i] != before)
                text.Append(chat.Answer[i] ? '⟦' : '⟧');
            text.Append(tokenizer.Piece(chat.Tokens[i]));
        }
        return text.Append(chat.Answer[^1] ? "⟧" : "").ToString();
    }
}
