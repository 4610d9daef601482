using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class TokenStreamTests
{
    public static TheoryData<string> Files => ["tokenizers/llama2/tokenizer.model", "tokenizers/llama3/tokenizer.model", "tokenizers/llama4/tokenizer.model", "tokenizers/small/tiktoken_small.model"];

    [Theory, MemberData(nameof(Files))]
    public void A_character_split_over_tokens_comes_out_whole(string file)
    {
        var tokenizer = Tokenizer.Load(TestData.Path(file));
        var stream = tokenizer.CreateStream();
        int[] ids = tokenizer.Encode("🦙Ꙋ𐌰");

        var parts = ids.Select(stream.Add).ToList();

        Assert.True(ids.Length > 3);
        Assert.DoesNotContain(parts, part => part.Contains('\uFFFD', StringComparison.Ordinal));
        Assert.Equal("🦙Ꙋ𐌰", string.Concat(parts));
        Assert.Empty(stream.Flush());
    }

    [Theory, MemberData(nameof(Files))]
    public void Any_ids_streamed_give_what_they_give_at_once(string file)
    {
        var tokenizer = Tokenizer.Load(TestData.Path(file));
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            // Half of them from the front of the vocabulary, where the single bytes are: broken characters of every kind.
            int[] ids = [.. Enumerable.Range(0, 30).Select(_ => random.Next(random.Next(2) == 0 ? 259 : tokenizer.VocabularySize))];
            var stream = tokenizer.CreateStream();

            string streamed = string.Concat(ids.Select(stream.Add)) + stream.Flush();

            Assert.Equal(tokenizer.Decode(ids), streamed);
        }
    }

    [Fact]
    public void A_character_that_never_ends_is_replaced_at_the_end()
    {
        var tokenizer = Known.Llama2;
        var stream = tokenizer.CreateStream();
        int[] llama = tokenizer.Encode("🦙");

        string text = string.Concat(llama[..^1].Select(stream.Add));

        Assert.Equal("", text);
        Assert.Equal("\uFFFD", stream.Flush());
    }

    [Fact]
    public void A_stream_that_continues_keeps_its_first_space()
    {
        var tokenizer = Known.Llama2;
        int id = tokenizer.Encode("Hello")[0];

        Assert.Equal("Hello", tokenizer.CreateStream().Add(id));
        Assert.Equal(" Hello", tokenizer.CreateStream(continues: true).Add(id));
    }
}
