using System.Text.RegularExpressions;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class SplitterTests
{
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

    [Theory]
    [InlineData("I'm here don't DON'T", "I'm| here| don't| DON'T")]
    [InlineData("getElementById XMLHttp", "get|Element|By|Id| XMLHttp")]
    [InlineData("日本ABC e\u0301A", "日本|ABC| e\u0301|A")]
    [InlineData("\u0301ABC", "\u0301|ABC")]
    [InlineData("!\u0301 a/b//\n/c", "!\u0301| a|/b|//\n/|c")]
    [InlineData("12345'llx", "123|45|'llx")]
    [InlineData("x \n \n  y", "x| \n \n| | y")]
    public void Llama_4_splits_as_its_pattern_says(string text, string words)
    {
        Assert.Equal(words.Split('|'), Words(new Llama4Splitter(), text));
    }

    public static TheoryData<string> Names => ["llama-bpe", "llama4", "gpt-2"];

    [Theory, MemberData(nameof(Names))]
    public void Random_text_of_the_basic_plane_splits_as_the_regular_expression_does(string name)
    {
        var splitter = Splitter.Parse(name)!;
        var pattern = new Regex(KnowingTheLongS(splitter.Pattern), RegexOptions.CultureInvariant);
        var random = new Random(1);

        for (int i = 0; i < 4_000; i++)
        {
            string text = Texts.Random(random, 40, astral: false);
            Assert.Equal(pattern.Matches(text).Select(m => m.Value), Words(splitter, text));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_splitter_is_found_by_its_pattern(string name)
    {
        var splitter = Splitter.Parse(name)!;

        Assert.Same(splitter, Splitter.OfPattern(splitter.Pattern));
        Assert.Null(Splitter.OfPattern(splitter.Pattern + "|x"));
    }

    // .NET knows no ſ as a case of s, as the patterns' own engines do, so it is told.
    private static string KnowingTheLongS(string pattern) => pattern.Replace("(?i:'s|", "(?i:'s|'ſ|", StringComparison.Ordinal);

    private static List<string> Words(Splitter splitter, string text)
    {
        var words = new List<string>();
        for (int at = 0; at < text.Length; at += words[^1].Length)
            words.Add(text.Substring(at, splitter.FirstWord(text.AsSpan(at))));
        return words;
    }
}
