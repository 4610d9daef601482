using System.Text;

namespace Cria.Tokenizers;

/// <summary>Byte-level BPE, the tokenizer of Llama 3: cut the text into words; from the UTF-8 bytes of a word, merge the neighbours of lowest rank.</summary>
/// <remarks>
/// Radford et al. 2019 (GPT-2), section 2.2. In LLaMA a word that is a token is taken whole, whatever the merges would make of it.
/// </remarks>
internal sealed class ByteLevelTokenizer(Vocabulary vocabulary, ByteLevelLexicon lexicon, Splitter splitter) : Tokenizer(vocabulary)
{
    public override TokenizerVocabulary ToVocabulary() => ByteLevelVocabulary.Write(Vocabulary, lexicon, splitter);

    public override void EncodeTo(ReadOnlySpan<char> text, List<int> ids, bool continues = false)
    {
        var merger = new Merger(lexicon.Merges);
        byte[] bytes = new byte[256];
        while (!text.IsEmpty)
        {
            var part = LongText.FirstPart(text);
            text = text[part.Length..];
            while (!part.IsEmpty)
            {
                var stretch = LongText.FirstStretch(part);
                part = part[stretch.Length..];
                while (!stretch.IsEmpty)
                {
                    int length = splitter.FirstWord(stretch);
                    EncodeWord(stretch[..length], merger, ref bytes, ids);
                    stretch = stretch[length..];
                }
            }
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, Merger merger, ref byte[] bytes, List<int> ids)
    {
        if (bytes.Length < 3 * word.Length)
            bytes = new byte[3 * word.Length];
        var utf8 = bytes.AsSpan(0, Encoding.UTF8.GetBytes(word, bytes));
        if (lexicon.IgnoresMerges && lexicon.TryGetToken(utf8, out int id))
        {
            ids.Add(id);
            return;
        }
        merger.Clear();
        foreach (byte b in utf8)
            merger.Add(lexicon.IdOfByte(b));
        merger.Merge();
        foreach (int symbol in merger.Symbols)
            ids.Add(symbol);
    }
}
