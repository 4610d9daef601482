using System.Text;

namespace Cria.Tokenizers;

/// <summary>SentencePiece BPE, the tokenizer of LLaMA 1, Llama 2 and Code Llama: from single characters, merge the neighbours whose joined piece scores highest.</summary>
/// <remarks>
/// Kudo and Richardson 2018, <see href="https://arxiv.org/abs/1808.06226"/>. A space is the letter U+2581 here, and one stands before
/// the text. A character that is no piece becomes its UTF-8 bytes, or the unknown token where the vocabulary has no bytes.
/// </remarks>
internal sealed class SentencePieceTokenizer : Tokenizer
{
    /// <summary>How a space is written in a piece: ▁.</summary>
    internal const char Space = '\u2581';

    private readonly SentencePieceLexicon lexicon;
    private readonly TokenizerVocabulary settings;

    private SentencePieceTokenizer(Vocabulary vocabulary, SentencePieceLexicon lexicon, TokenizerVocabulary settings) : base(vocabulary)
    {
        this.lexicon = lexicon;
        this.settings = settings with { Kinds = vocabulary.Kinds, BeginOfText = vocabulary.BeginOfText, EndOfText = vocabulary.EndOfText };
    }

    internal override bool PutsSpaceFirst => settings.AddSpacePrefix;

    public static SentencePieceTokenizer Create(TokenizerVocabulary settings)
    {
        var kinds = SentencePieceLexicon.KindsOf(settings);
        var bytes = new byte[settings.Pieces.Count][];
        for (int id = 0; id < bytes.Length; id++)
            bytes[id] = BytesOf(settings.Pieces[id], kinds[id]);
        var vocabulary = new Vocabulary(settings.Name, bytes, id => settings.Pieces[id], kinds, settings.BeginOfText, settings.EndOfText);
        return new(vocabulary, new SentencePieceLexicon(settings, kinds), settings);
    }

    public override TokenizerVocabulary ToVocabulary() => settings with { };

    public override void EncodeTo(ReadOnlySpan<char> text, List<int> ids, bool continues = false)
    {
        if (settings.RemoveExtraSpaces)
            text = WithoutExtraSpaces(text);
        if (text.IsEmpty)
            return;

        var merger = new Merger(lexicon.Merges);
        bool inSpaces = true;
        if (settings.AddSpacePrefix && !continues)
            merger.Add(lexicon.SpaceSymbol);
        foreach (var rune in text.EnumerateRunes())
        {
            bool space = rune.Value is ' ' or Space;
            // Pieces that hold a space hold it first. So nothing merges across the start of a word, and each word is done by itself.
            if (space && !inSpaces && lexicon.SpacesStartPieces)
                Finish(merger, ids);
            merger.Add(space ? lexicon.SpaceSymbol : lexicon.SymbolOf(rune));
            inSpaces = space;
        }
        Finish(merger, ids);
    }

    private static byte[] BytesOf(string piece, TokenKind kind) => kind switch
    {
        TokenKind.Byte => [SentencePieceLexicon.ByteOf(piece)],
        TokenKind.Control or TokenKind.Unknown => Encoding.UTF8.GetBytes(piece),
        _ => Encoding.UTF8.GetBytes(piece.Replace(Space, ' ')),
    };

    private static string WithoutExtraSpaces(ReadOnlySpan<char> text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (char c in text.Trim(' '))
            if (c != ' ' || kept[^1] != ' ')
                kept.Append(c);
        return kept.ToString();
    }

    private void Finish(Merger merger, List<int> ids)
    {
        merger.Merge();
        bool afterUnknown = false;
        foreach (int symbol in merger.Symbols)
        {
            bool unknown = symbol < 0 && !lexicon.HasBytes;
            if (symbol >= 0)
                ids.Add(symbol);
            else if (!unknown)
                AddBytes(new Rune(~symbol), ids);
            else if (!afterUnknown)
                ids.Add(lexicon.Unknown);       // one for a run of unknown characters, as SentencePiece does
            afterUnknown = unknown;
        }
        merger.Clear();
    }

    private void AddBytes(Rune rune, List<int> ids)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (byte b in utf8[..rune.EncodeToUtf8(utf8)])
            ids.Add(lexicon.IdOfByte(b));
    }
}
