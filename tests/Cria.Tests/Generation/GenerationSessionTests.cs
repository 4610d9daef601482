using Cria.Generation;

namespace Cria.Tests.Generation;

public class GenerationSessionTests
{
    private static readonly SamplingOptions Options = new() { MaxTokens = 12 };

    [Fact]
    public void A_prompt_that_goes_on_is_answered_as_if_it_were_read_whole()
    {
        using var llama = Llama.Load(CriaTiny.Name);
        using var session = new GenerationSession(llama.Model, llama.Tokenizer);
        int[] prompt = llama.Tokenizer.Encode("Once upon a time there was a girl who had", addBegin: true);

        for (int turn = 0; turn < 3; turn++)
        {
            int[] found = [.. session.Stream(prompt, Options, TestContext.Current.CancellationToken).Select(token => token.Id)];

            Assert.Equal(new Generator(llama.Model, llama.Tokenizer).Batch([prompt], Options, TestContext.Current.CancellationToken)[0].Tokens.Take(found.Length), found);
            Assert.Equal(turn == 0 ? prompt.Length : 5, session.TokensRead);
            prompt = [.. prompt, .. found, .. llama.Tokenizer.Encode("Then she went home")[..4]];
        }
    }

    [Fact]
    public void A_prompt_that_departs_is_read_from_there()
    {
        using var llama = Llama.Load(CriaTiny.Name);
        using var session = new GenerationSession(llama.Model, llama.Tokenizer);
        int[] one = llama.Tokenizer.Encode("The list says: one, two, three", addBegin: true), other = [.. one[..4], .. llama.Tokenizer.Encode("a dog and a cat")];
        Assert.NotEmpty(session.Stream(one, Options, TestContext.Current.CancellationToken).ToList());

        int[] found = [.. session.Stream(other, Options, TestContext.Current.CancellationToken).Select(token => token.Id)];

        Assert.InRange(session.TokensRead, 1, other.Length - 4);
        Assert.Equal(new Generator(llama.Model, llama.Tokenizer).Stream(other, Options, TestContext.Current.CancellationToken).Select(token => token.Id), found);
    }

    [Fact]
    public void A_cache_that_grows_keeps_what_it_holds()
    {
        using var golden = new Golden("llama2-gqa");
        int[] prompt = [.. Enumerable.Range(0, 600).Select(i => i * 37 % 320)];
        var all = new SamplingOptions { Temperature = 1, TopK = 100_000 };
        Sampler[] samplers = [new(all), new(all)];
        using var small = new CachedPasses(golden.Model, 2, 300) { Samplers = samplers };
        using var large = new CachedPasses(golden.Model, 2, 700) { Samplers = samplers };

        small.Prefill(1, prompt[..200]);
        small.Prefill(0, prompt[..300]);
        small.Cache.Grow(700);
        large.Prefill(0, prompt[..300]);

        Assert.Equal(large.Prefill(0, prompt[300..]).Logits!(), small.Prefill(0, prompt[300..]).Logits!());
        large.Prefill(1, prompt[..200]);
        Assert.Equal(large.Prefill(1, prompt[200..240]).Logits!(), small.Prefill(1, prompt[200..240]).Logits!());
    }

    [Fact]
    public void A_stopped_answer_leaves_a_session_that_goes_on()
    {
        using var llama = Llama.Load(CriaTiny.Name);
        using var session = new GenerationSession(llama.Model, llama.Tokenizer);
        using var stop = new CancellationTokenSource();
        int[] prompt = llama.Tokenizer.Encode("Once upon a time", addBegin: true);
        foreach (var _ in session.Stream(prompt, Options, stop.Token))
            stop.Cancel();

        var found = session.Stream(prompt, Options, TestContext.Current.CancellationToken).Select(token => token.Id).ToList();

        Assert.Equal(1, session.TokensRead);
        Assert.Equal(new Generator(llama.Model, llama.Tokenizer).Stream(prompt, Options, TestContext.Current.CancellationToken).Select(token => token.Id), found);
    }
}
