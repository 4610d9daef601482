using System.Text.RegularExpressions;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class SplitterTests
{
    // .NET knows no ſ as a case of s, so it stands here by name.
    private const string Llama3 =
        @"'[sSſ]|(?i:'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Theory]
    [InlineData("I'm here", "I|'m| here")]
    [InlineData("we'LL 'xs 'S", "we|'LL| '|xs| '|S")]
    [InlineData("12345 67", "123|45| |67")]
    [InlineData("a  b", "a| | b")]
    [InlineData("a   ", "a|   ")]
    [InlineData("x \n \n  y", "x| \n \n| | y")]
    [InlineData("!!\r\n\r\nz", "!!\r\n\r\n|z")]
    [InlineData("\tword (x)", "\tword| (|x|)")]
    [InlineData(" \u00A0word", " |\u00A0word")]
    public void Llama_3_splits_as_its_pattern_says(string text, string words)
    {
        Assert.Equal(words.Split('|'), Words(new Llama3Splitter(), text));
    }

    [Fact]
    public void Letters_and_digits_outside_the_basic_plane_are_letters_and_digits()
    {
        Assert.Equal(["𐌰𐌱", "𝟗𝟗𝟗", "𝟗", " 𠀀a", "🦙"], Words(new Llama3Splitter(), "𐌰𐌱𝟗𝟗𝟗𝟗 𠀀a🦙"));
    }

    [Fact]
    public void Random_text_of_the_basic_plane_splits_as_the_regular_expression_does()
    {
        var pattern = new Regex(Llama3, RegexOptions.CultureInvariant);
        var random = new Random(1);

        for (int i = 0; i < 2_000; i++)
        {
            string text = Texts.Random(random, 40, astral: false);
            Assert.Equal(pattern.Matches(text).Select(m => m.Value), Words(new Llama3Splitter(), text));
        }
    }

    private static List<string> Words(Splitter splitter, string text)
    {
        var words = new List<string>();
        for (int at = 0; at < text.Length; at += words[^1].Length)
            words.Add(text.Substring(at, splitter.FirstWord(text.AsSpan(at))));
        return words;
    }
}
