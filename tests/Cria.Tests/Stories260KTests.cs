using System.Text.Json;
using Cria.Evaluation;
using Cria.Generation;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests;

/// <summary>A trained model in a GGUF file that llama.cpp's converter wrote, against what llama2.c and NumPy compute with it.</summary>
public class Stories260KTests
{
    public static TheoryData<int> Prompts => [.. Enumerable.Range(0, 8)];

    [Fact]
    public void The_official_text_of_200_steps_comes_out()
    {
        using var llama = Open();
        int[] ids = Ints(Expected().GetProperty("official_greedy_ids"));

        var found = new Generator(llama.Model, llama.Tokenizer)
            .Batch([[ids[0]]], new SamplingOptions { MaxTokens = ids.Length - 1 }, TestContext.Current.CancellationToken)[0];

        Assert.Equal(ids[1..], found.Tokens);
        Assert.Equal(Expected().GetProperty("official_expected").GetString()!.Trim(), found.Text.Trim());
    }

    [Theory, MemberData(nameof(Prompts))]
    public void Prompts_continue_as_they_should(int index)
    {
        using var llama = Open();
        var prompt = Expected().GetProperty("prompts")[index];
        int[] ids = llama.Tokenizer.Encode(prompt.GetProperty("prompt").GetString()!, addBegin: true);
        int[] greedy = Ints(prompt.GetProperty("greedy_ids_64"));

        Assert.Equal(Ints(prompt.GetProperty("ids")), ids);
        var found = new Generator(llama.Model, llama.Tokenizer)
            .Batch([ids], new SamplingOptions { MaxTokens = greedy.Length - ids.Length }, TestContext.Current.CancellationToken)[0];
        Assert.Equal(greedy[ids.Length..], found.Tokens);
    }

    [Theory, MemberData(nameof(Prompts))]
    public void Logits_and_probabilities_are_those_of_the_reference(int index)
    {
        using var llama = Open();
        using var off = Gradients.Off();
        var prompt = Expected().GetProperty("prompts")[index];
        int[] ids = Ints(prompt.GetProperty("ids"));

        var logits = llama.Model.Logits(llama.Model.Forward(ids, ForwardContext.Sequences(ids.Length)));

        foreach (var pair in prompt.GetProperty("last_logits_top10").EnumerateArray())
            Assert.Equal(pair[1].GetSingle(), logits.Row(ids.Length - 1)[pair[0].GetInt32()], Tolerances.Logits);
        Assert.Equal(prompt.GetProperty("sum_logprob_of_prompt").GetDouble(), new Scorer(llama.Model).Score(ids).LogLikelihood, Tolerances.Logits * ids.Length);
    }

    private static Llama Open() => Llama.Load(TestData.Path("models/stories260K/tinyllm.gguf"), new LlamaOptions { Threads = 2 });

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];

    private static JsonElement Expected() =>
        JsonDocument.Parse(File.ReadAllText(TestData.Path("vectors/stories260K/greedy_and_logits.json"))).RootElement;
}
