using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Cria.Tokenizers;

/// <summary>Decodes ids that arrive one by one. A character that is split over several tokens comes out whole, with the last of them.</summary>
/// <remarks>What <see cref="Add"/> and <see cref="Flush"/> return, joined, is what <see cref="Tokenizer.Decode"/> returns. For one thread.</remarks>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of tokens, not of bytes.")]
public sealed class TokenStream
{
    private readonly Tokenizer tokenizer;
    private readonly bool skipSpecial;
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();   // keeps the bytes of an unfinished character
    private char[] characters = new char[64];
    private bool first;

    internal TokenStream(Tokenizer tokenizer, bool dropFirstSpace, bool skipSpecial) =>
        (this.tokenizer, first, this.skipSpecial) = (tokenizer, dropFirstSpace, skipSpecial);

    /// <summary>The text that this token completes: empty while a character is unfinished.</summary>
    public string Add(int id) => Decode(tokenizer.BytesInText(id, ref first, skipSpecial), flush: false);

    /// <summary>What is left at the end: U+FFFD if the last character never got its last byte, else nothing.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = Encoding.UTF8.GetMaxCharCount(bytes.Length) + 1;
        if (characters.Length < most)
            characters = new char[most];
        int count = decoder.GetChars(bytes, characters, flush);
        return new string(characters, 0, count);
    }
}
