using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class TokenizerVocabularyTests
{
    [Theory, InlineData(2), InlineData(3), InlineData(4)]
    public void A_vocabulary_written_as_lists_and_read_again_gives_equal_ids(int generation)
    {
        var tokenizer = Known.Llama(generation);
        var again = Tokenizer.FromVocabulary(tokenizer.ToVocabulary());
        var random = new Random(13);

        Assert.Equal(tokenizer.VocabularySize, again.VocabularySize);
        Assert.Equal(tokenizer.BeginOfText, again.BeginOfText);
        Assert.Equal(tokenizer.EndOfText, again.EndOfText);
        for (int i = 0; i < 300; i++)
        {
            string text = Texts.Random(random, 60, astral: true);
            int[] ids = again.Encode(text, addBegin: true);
            Assert.Equal(tokenizer.Encode(text, addBegin: true), ids);
            Assert.Equal(tokenizer.Decode(ids, skipSpecial: false), again.Decode(ids, skipSpecial: false));
        }
    }

    // Where two merges of one token overlap, the order of the two could tell ranks and merges apart: runs of one letter are full of them.
    [Theory, InlineData(3), InlineData(4)]
    public void Merges_made_of_ranks_give_the_ids_of_the_ranks_on_runs_of_any_length(int generation)
    {
        var tokenizer = Known.Llama(generation);
        var again = Tokenizer.FromVocabulary(tokenizer.ToVocabulary());

        foreach (string unit in (string[])[" ", "\n", "\t", "=", "-", "a", "ab", "\r\n", "字", ")", "*/", "ا"])
            for (int length = 1; length < 300; length++)
            {
                string text = string.Concat(Enumerable.Repeat(unit, length));
                Assert.Equal(tokenizer.Encode(text), again.Encode(text));
            }
    }

    [Fact]
    public void The_merges_made_of_the_ranks_of_Llama_3_are_those_of_its_JSON_form()
    {
        var lists = Known.Llama3.ToVocabulary();

        Assert.Equal("gpt2", lists.Model);
        Assert.Equal("llama-bpe", lists.Splitter);
        Assert.Equal(ByteLevelVocabularyTests.Llama3().Merges, lists.Merges);
        Assert.Equal(ByteLevelVocabularyTests.Llama3().Pieces.Take(128_000), lists.Pieces.Take(128_000));
    }

    [Fact]
    public void Tokens_that_a_model_does_not_have_go_if_none_is_text()
    {
        var tokenizer = ByteTokenizer.Create("<|begin_of_text|>", "<|end_of_text|>", "<|pad|>");

        var fewer = tokenizer.First(258)!;

        Assert.Equal(258, fewer.VocabularySize);
        Assert.False(fewer.TryGetSpecial("<|pad|>", out _));
        Assert.Equal(tokenizer.Encode("Hello"), fewer.Encode("Hello"));
        Assert.Null(tokenizer.First(255));
        Assert.Same(tokenizer, tokenizer.First(1_000));
    }

    [Fact]
    public void The_special_ids_are_those_of_Llama_4()
    {
        var tokenizer = Known.Llama4;

        Assert.Equal(202_048, tokenizer.VocabularySize);
        Assert.Equal(200_000, tokenizer.BeginOfText);
        Assert.Equal([200_001, 200_007, 200_008], tokenizer.EndOfText);
        foreach (var (id, name) in new Dictionary<int, string>
        {
            [200_002] = "<|fim_prefix|>", [200_005] = "<|header_start|>", [200_009] = "<|step|>", [200_016] = "<|python_start|>",
            [200_018] = "<|finetune_right_pad|>", [200_079] = "<|text_post_train_reserved_special_token_68|>", [200_080] = "<|image_start|>",
            [200_084] = "<|tile_x_separator|>", [200_090] = "<|image|>", [200_092] = "<|patch|>", [201_133] = "<|vision_reserved_special_token_1047|>",
            [201_142] = "<|reasoning_thinking_start|>", [201_143] = "<|reasoning_thinking_end|>", [202_047] = "<|reserved_special_token_903|>",
        })
            Assert.True(tokenizer.TryGetSpecial(name, out int found) && found == id, $"{name} is {found}");
    }

    [Fact]
    public void A_small_rank_file_whose_words_hold_contractions_is_one_of_Llama_4()
    {
        var tokenizer = Tokenizer.Load(TestData.Path("tokenizers/small/tiktoken_small_llama4.model"));

        Assert.Equal(2_000 + 2_048, tokenizer.VocabularySize);
        Assert.Equal([2_001, 2_007, 2_008], tokenizer.EndOfText);
        Assert.Equal("I don't, world! 🦙", tokenizer.Decode(tokenizer.Encode("I don't, world! 🦙", addBegin: true)));
    }
}
