using System.Text;

namespace Cria.Tokenizers;

/// <summary>Cuts text into the words that byte-level BPE encodes one by one. One class for each family's pattern.</summary>
/// <remarks>
/// Written by hand over code points: .NET regular expressions see UTF-16 units, so a letter outside the basic plane
/// (𐌰, 𝒂, 𠀀) is none to them. Each character is looked at a bounded number of times, so no text is slow.
/// </remarks>
internal abstract class Splitter
{
    private static readonly Llama3Splitter Llama3 = new();
    private static readonly Llama4Splitter Llama4 = new();
    private static readonly Gpt2Splitter Gpt2 = new();

    /// <summary>The names of splitters in GGUF files, <c>tokenizer.ggml.pre</c>, that <see cref="Parse"/> knows.</summary>
    public static readonly string[] Names = ["llama-bpe", "llama3", "llama-v3", "llama4", "gpt-4o", "gpt-2"];

    /// <summary>The name that we write.</summary>
    public abstract string Name { get; }

    /// <summary>The regular expression, as <c>tokenizer.json</c> holds it.</summary>
    public abstract string Pattern { get; }

    /// <summary>Whether the vocabularies of this family take a word that is a token whole, whatever their merges make of it.</summary>
    public virtual bool IgnoresMerges => true;

    /// <summary>The splitter of a name, or null.</summary>
    public static Splitter? Parse(string? name) => name switch
    {
        "llama-bpe" or "llama3" or "llama-v3" => Llama3,
        "llama4" or "gpt-4o" => Llama4,
        "gpt-2" => Gpt2,
        _ => null,
    };

    /// <summary>The splitter of a regular expression, or null.</summary>
    public static Splitter? OfPattern(string pattern) => new Splitter[] { Llama3, Llama4, Gpt2 }.FirstOrDefault(s => s.Pattern == pattern);

    /// <summary>How many UTF-16 units the first word of a text has: at least one.</summary>
    /// <param name="text">The rest of the text, not empty.</param>
    public abstract int FirstWord(ReadOnlySpan<char> text);

    /// <summary>The class and the length of the character at a place. A lone surrogate counts as U+FFFD.</summary>
    protected static CharacterClass ClassAt(ReadOnlySpan<char> text, int at, out int length)
    {
        char c = text[at];
        if (!char.IsSurrogate(c))
        {
            length = 1;
            return CharacterClasses.Of(c);
        }
        Rune.DecodeFromUtf16(text[at..], out var rune, out length);
        return CharacterClasses.Of(rune);
    }

    /// <summary>The end of a run of some classes, at most so many characters long.</summary>
    protected static int EndOf(CharacterClass wanted, ReadOnlySpan<char> text, int at, int most = int.MaxValue)
    {
        for (int n = 0; n < most && at < text.Length && (ClassAt(text, at, out int length) & wanted) != 0; n++)
            at += length;
        return at;
    }

    /// <summary><c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c> at a place: how long it is, or 0. The long s, ſ, is a case of s, and the only such letter here.</summary>
    protected static int Contraction(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'')
            return 0;
        int second = text.Length > 2 ? text[2] | 0x20 : 0;
        return (text[1] | 0x20, second) switch
        {
            ('s' or 't' or 'm' or 'd', _) => 2,
            ('r' or 'v', 'e') or ('l', 'l') => 3,
            _ => text[1] == 'ſ' ? 2 : 0,
        };
    }

    /// <summary>
    /// <c>\s*[\r\n]+|\s+(?!\S)|\s+</c>: spaces to the last line break among them; without one, all but the last, which the next
    /// word may take; a single one by itself.
    /// </summary>
    protected static int Spaces(ReadOnlySpan<char> text)
    {
        int end = 0, afterBreak = 0, last = 0;
        while (end < text.Length && (ClassAt(text, end, out int length) & CharacterClass.AnySpace) is not 0 and var found)
        {
            last = end;
            end += length;
            if (found == CharacterClass.LineBreak)
                afterBreak = end;
        }
        if (afterBreak > 0)
            return afterBreak;
        return end == text.Length || last == 0 ? end : last;
    }
}
