using Cria.Evaluation;
using Cria.Generation;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tests.Peft;

namespace Cria.Tests;

/// <summary>The model inside on a card against the same on the processor. Skipped without a card; failed where <c>CRIA_REQUIRE_CUDA=1</c>.</summary>
public class CardTests
{
    [Fact]
    public void In_single_precision_the_card_scores_and_continues_as_the_processor()
    {
        using var expected = Open(null);
        using var found = Open(DataType.F32);
        int[] text = expected.Tokenizer.Encode("It was a dark and stormy night, and the old man who lived by the sea", addBegin: true);

        float[] theirs = Scores(expected, text), ours = Scores(found, text);

        Near.Equal(theirs, ours, Tolerances.Logits, "log-probabilities");
        Assert.Equal(Continued(expected, text), Continued(found, text));
    }

    [Fact]
    public void With_narrow_activations_the_card_stays_near_the_processor()
    {
        using var expected = Open(null);
        using var found = Open(DataType.BF16);
        int[] text = expected.Tokenizer.Encode("Alice was beginning to get very tired of sitting by her sister on the bank", addBegin: true);

        float[] theirs = Logits(expected.Model, text), ours = Logits(found.Model, text);

        Near.Equal(theirs, ours, Tolerances.NarrowActivations * theirs.Max(MathF.Abs), "logits");
    }

    [Theory]
    [InlineData("f32", 10)]
    [InlineData("bf16", 6)]     // then steps this large have carried the two apart
    public void Training_on_the_card_follows_the_processor(string activations, int steps)
    {
        var type = DataType.Parse(activations)!;
        using var cpu = new CpuBackend(2);
        using var card = Card(type);
        var (expected, found) = (Losses(cpu, steps), Losses(card, steps));

        float tolerance = type == DataType.F32 ? 10 * Tolerances.Loss : Tolerances.NarrowLoss;
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, tolerance * pair.First));
    }

    [Theory]
    [InlineData("q8_0")]
    [InlineData("nf4")]
    [InlineData("nf4-dq")]
    [InlineData("q4_k")]
    public void A_quantized_base_trains_on_the_card_as_on_the_processor(string type)
    {
        using var cpu = new CpuBackend(2);
        using var card = Card(DataType.F32);

        // On the processor the same numbers in floats: from blocks it multiplies activations of 16 bits, and ten steps this large make that visible.
        var (expected, found) = (Losses(cpu, 10, type, inFloats: true), Losses(card, 10, type));

        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 10 * Tolerances.Loss * pair.First));
    }

    [Fact]
    public async Task Two_cards_train_and_generate_at_once_as_each_does_alone()
    {
        Assert.SkipWhen(CudaBackend.Cards < 2, $"Needs two cards; the driver sees {CudaBackend.Cards}.");
        var alone = new[] { Work(0), Work(1) };

        var atOnce = await Task.WhenAll(Task.Run(() => Work(0)), Task.Run(() => Work(1)));

        Assert.Equal(alone, atOnce);

        static (string Text, string Losses) Work(int index)
        {
            using var card = TestBackend.Card(DataType.F32, index);
            using var llama = Llama.Load(CriaTiny.Name, new LlamaOptions { Device = () => TestBackend.Card(DataType.BF16, index) });
            return (Continued(llama, llama.Tokenizer.Encode("It was a dark and stormy night", addBegin: true)), string.Join(' ', Losses(card, 10)));
        }
    }

    private static List<float> Losses(Backend device, int steps, string type = "f32", bool inFloats = false)
    {
        var model = SmallModel.Make(device, type);
        foreach (var linear in inFloats ? model.Linears.Select(slot => (Linear)slot.Linear) : [])
            linear.Weight.Value = linear.Weight.Value.To(DataType.F32);
        return SmallModel.Train(model, new LoraOptions { Rank = 4 }.Attach(model, seed: 1), steps);
    }

    private static Llama Open(DataType? activations) => Llama.Load(CriaTiny.Name, new LlamaOptions { Device = activations is null ? () => new CpuBackend(2) : () => Card(activations) });

    private static CudaBackend Card(DataType activations)
    {
        try
        {
            return TestBackend.Card(activations);
        }
        catch (CudaException e) when (Environment.GetEnvironmentVariable("CRIA_REQUIRE_CUDA") != "1")
        {
            Assert.Skip(e.Message.Split('\n')[0]);
            throw;
        }
    }

    private static float[] Scores(Llama llama, int[] text) => [.. new Scorer(llama.Model).Score(text).Tokens.Select(token => token.LogProbability ?? 0)];

    private static string Continued(Llama llama, int[] text) =>
        string.Concat(new Generator(llama.Model, llama.Tokenizer).Stream(text, new SamplingOptions { MaxTokens = 24, Temperature = 0 }).Select(token => token.Text));

    private static float[] Logits(LlamaModel model, int[] text)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        return model.Logits(model.Forward(text, ForwardContext.Sequences(text.Length))).ToArray();
    }
}
