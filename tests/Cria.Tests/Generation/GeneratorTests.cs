using Cria.Generation;
using Cria.Models;
using Cria.Tensors;
using Cria.Tokenizers;

namespace Cria.Tests.Generation;

public class GeneratorTests
{
    [Fact]
    public void Several_prompts_together_continue_as_each_alone()
    {
        using var golden = new Golden("llama2-gqa");
        var generator = Generator(golden);
        var options = new SamplingOptions { MaxTokens = 12 };
        IReadOnlyList<int>[] prompts = [[1, 7, 9], golden.Sequences("input_ids")[0], [200]];

        var together = generator.Batch(prompts, options, TestContext.Current.CancellationToken);

        for (int i = 0; i < prompts.Length; i++)
        {
            var alone = generator.Stream(prompts[i], options, TestContext.Current.CancellationToken).Select(token => token.Id);
            Assert.Equal(alone, together[i].Tokens);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(40)]
    public void So_do_many(int count)
    {
        using var llama = Llama.Load(CriaTiny.Name, new LlamaOptions { Device = () => TestBackend.Make() });
        var generator = new Generator(llama.Model, llama.Tokenizer);
        var options = new SamplingOptions { MaxTokens = 8 };
        IReadOnlyList<int>[] prompts = [.. Enumerable.Range(0, count).Select(i => llama.Tokenizer.Encode($"{i} times the cat", addBegin: true))];

        var together = generator.Batch(prompts, options, TestContext.Current.CancellationToken);

        for (int i = 0; i < count; i++)
        {
            var alone = generator.Stream(prompts[i], options, TestContext.Current.CancellationToken).Select(token => token.Id);
            Assert.Equal(alone, together[i].Tokens);
        }
    }

    [Fact]
    public void A_prompt_longer_than_a_piece_equals_one_pass()
    {
        using var golden = new Golden("llama2-gqa");
        using var off = Gradients.Off();
        int[] prompt = [.. Enumerable.Range(0, 700).Select(i => i * 37 % 320)];
        var logits = golden.Model.Logits(golden.Model.Forward(prompt, ForwardContext.Sequences(prompt.Length)));

        var first = Generator(golden).Stream(prompt, new SamplingOptions { MaxTokens = 1 }, TestContext.Current.CancellationToken).First();

        Assert.Equal(new Sampler(new SamplingOptions()).Next(logits.ToArray().AsSpan()[^logits.Shape.Columns..]), first.Id);
    }

    [Fact]
    public void The_stream_joined_is_the_text()
    {
        using var llama = Llama.Load(CriaTiny.Name);
        var options = new SamplingOptions { MaxTokens = 30, Temperature = 0.8f, Seed = 4 };
        int[] prompt = llama.Tokenizer.Encode("Once upon a time", addBegin: true);
        var generator = new Generator(llama.Model, llama.Tokenizer);

        string streamed = string.Concat(generator.Stream(prompt, options, TestContext.Current.CancellationToken).Select(token => token.Text));

        Assert.Equal(generator.Batch([prompt], options, TestContext.Current.CancellationToken)[0].Text, streamed);
    }

    [Fact]
    public void Text_ends_before_a_stop_string_even_when_it_spans_tokens()
    {
        using var llama = Llama.Load(CriaTiny.Name);
        var options = new SamplingOptions { MaxTokens = 40 };
        string whole = Text(llama, options);
        string stop = whole[10..16];

        string cut = Text(llama, options with { Stop = ["never there", stop] });

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], cut);
    }

    private static string Text(Llama llama, SamplingOptions options) =>
        string.Concat(llama.Generate("There was once a", options, TestContext.Current.CancellationToken).Select(token => token.Text));

    private static Generator Generator(Golden golden) => new(golden.Model, NoText.Tokenizer(golden.Model.Config.VocabularySize));
}
