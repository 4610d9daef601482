using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class SentencePieceTests
{
    [Fact]
    public void The_special_ids_are_those_of_Llama_2()
    {
        var tokenizer = Known.Llama2;

        Assert.Equal(32_000, tokenizer.VocabularySize);
        Assert.Equal(1, tokenizer.BeginOfText);
        Assert.Equal([2], tokenizer.EndOfText);
        Assert.True(tokenizer.IsSpecial(0) && tokenizer.IsSpecial(1) && tokenizer.IsSpecial(2));
        Assert.False(tokenizer.IsSpecial(3) || tokenizer.IsSpecial(259));
    }

    [Theory]
    [InlineData("<s>")]
    [InlineData("</s>")]
    [InlineData("<unk>")]
    [InlineData("<0x0A>")]
    [InlineData("a</s><s>[INST] b")]
    public void Text_never_becomes_a_special_token(string text)
    {
        var tokenizer = Known.Llama2;

        int[] ids = tokenizer.Encode(text);

        Assert.DoesNotContain(ids, tokenizer.IsSpecial);
        Assert.DoesNotContain(13, ids);
        Assert.Equal(text, tokenizer.Decode(ids));
    }

    [Fact]
    public void Text_that_continues_gets_no_space_before_it()
    {
        var tokenizer = Known.Llama2;
        var ids = new List<int>();

        tokenizer.EncodeTo("Hello", ids, continues: true);

        Assert.Equal([10994], ids);
        Assert.Equal("Hello", tokenizer.Decode(ids));
    }

    [Fact]
    public void Special_tokens_are_left_out_of_a_text_unless_asked_for()
    {
        var tokenizer = Known.Llama2;
        int[] ids = [1, .. tokenizer.Encode("Hello"), 2];

        Assert.Equal("Hello", tokenizer.Decode(ids));
        Assert.Equal("<s>Hello</s>", tokenizer.Decode(ids, skipSpecial: false));
        Assert.True(tokenizer.TryGetSpecial("</s>", out int id));
        Assert.Equal(2, id);
        Assert.False(tokenizer.TryGetSpecial("Hello", out _));
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_named()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Known.Llama2.Decode([32_000]));

        Assert.Contains("0 to 31999", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_without_bytes_turns_a_run_of_unknown_characters_into_one_unknown_token()
    {
        var tokenizer = Tokenizer.FromVocabulary(new()
        {
            Name = "made up",
            Model = "llama",
            Pieces = ["<unk>", "\u2581", "a", "b", "ab", "\u2581ab"],
            Scores = [0, -5, -6, -7, -1, -2],
            Kinds = [TokenKind.Unknown, .. Enumerable.Repeat(TokenKind.Normal, 5)],
        });

        Assert.Equal([5, 0, 2], tokenizer.Encode("abxya"));
        Assert.Equal([1, 3, 2], tokenizer.Encode("ba"));
    }

    [Fact]
    public void Equal_scores_merge_from_the_left()
    {
        var tokenizer = Tokenizer.FromVocabulary(new()
        {
            Name = "made up",
            Model = "llama",
            Pieces = ["<unk>", "a", "aa"],
            Scores = [0, 0, 0],
            AddSpacePrefix = false,
        });

        Assert.Equal([2, 2, 1], tokenizer.Encode("aaaaa"));
    }

    [Fact]
    public void Extra_spaces_go_where_the_model_says_so()
    {
        var tokenizer = Tokenizer.FromVocabulary(new()
        {
            Name = "made up",
            Model = "llama",
            Pieces = ["<unk>", "\u2581", "a"],
            Scores = [0, -1, -2],
            RemoveExtraSpaces = true,
        });

        Assert.Equal([1, 2, 1, 2], tokenizer.Encode("  a   a "));
        Assert.Empty(tokenizer.Encode("   "));
    }

    [Fact]
    public void A_piece_with_a_space_inside_is_found_across_words()
    {
        var tokenizer = Tokenizer.FromVocabulary(new()
        {
            Name = "made up",
            Model = "llama",
            Pieces = ["<unk>", "\u2581", "a", "a\u2581", "a\u2581a"],
            Scores = [0, -3, -3, -2, -1],
        });

        Assert.Equal([1, 4], tokenizer.Encode("a a"));
    }
}
