using static Cria.Tokenizers.CharacterClass;

namespace Cria.Tokenizers;

/// <summary>The pattern of GPT-2, which byte-level vocabularies use that name no other: contractions in small letters only, numbers of any length.</summary>
/// <remarks>From <c>encoder.py</c> of GPT-2. The first alternative that matches wins.</remarks>
internal sealed class Gpt2Splitter : Splitter
{
    public override string Name => "gpt-2";

    public override string Pattern => @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public override bool IgnoresMerges => false;

    public override int FirstWord(ReadOnlySpan<char> text)
    {
        if (Contraction(text) is > 0 and int contraction && !text[1..contraction].ContainsAnyExceptInRange('a', 'z'))
            return contraction;
        int start = text[0] == ' ' && text.Length > 1 ? 1 : 0;
        var first = ClassAt(text, start, out _);
        foreach (var run in (ReadOnlySpan<CharacterClass>)[Letter, Number, Other | Mark])
            if ((first & run) != 0)
                return EndOf(run, text, start);
        return BlankSpaces(text);
    }

    // All but the last, which the next word may take; a single one, or those at the end of the text, by themselves.
    private static int BlankSpaces(ReadOnlySpan<char> text)
    {
        int end = EndOf(AnySpace, text, 0);
        return end == text.Length || end == 1 ? end : end - 1;
    }
}
