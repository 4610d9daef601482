using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tests.Peft;

namespace Cria.Tests.Models;

/// <summary>Steps that may be recorded against plain passes. On a card with <c>CRIA_TEST_DEVICE=cuda</c>.</summary>
public class DecodingStepsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("lora")]
    [InlineData("llama-adapter")]
    [InlineData("llama-adapter-v2")]
    [InlineData("excitor")]
    public void Every_step_gives_what_a_plain_pass_gives(string? method)
    {
        using var device = TestBackend.Make();
        Follow(device, "f32", method is null ? null : MethodPreset.All().First(preset => preset.Name == method).Options, Tolerances.Logits);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(40)]
    public void So_does_every_step_of_many_sequences(int sequences)
    {
        using var device = TestBackend.Make();
        Follow(device, "f32", null, Tolerances.Logits, sequences, steps: 20);
    }

    [Theory]
    [InlineData("bf16")]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
    [InlineData("nf4-dq")]
    [InlineData("q4_k")]
    public void So_does_every_step_with_narrow_activations_on_a_card(string type)
    {
        Assert.SkipUnless(TestBackend.IsCard, "There is no card to test on.");
        using var card = TestBackend.Card(DataType.BF16);
        Follow(card, type, null, Tolerances.NarrowActivations);
        Follow(card, type, null, Tolerances.NarrowActivations, sequences: 12, steps: 20);
    }

    [Fact]
    public void A_sequence_that_ends_leaves_the_others_as_they_are()
    {
        using var device = TestBackend.Make();
        var model = SmallModel.Make(device);
        using var off = Gradients.Off();
        using KeyValueCache plain = new(model, 3, 24), cache = new(model, 3, 24);
        using var steps = new DecodingSteps(model, cache);
        for (int i = 0; i < 12; i++)
        {
            (int, int)[] parts = i < 4 ? [(0, 1), (1, 1), (2, 1)] : i < 8 ? [(0, 1), (2, 1)] : [(2, 1)];
            Same(model, plain, cache, steps, parts, i, Tolerances.Logits);
        }
    }

    // Long enough to be recorded, and to be recorded anew for more keys.
    private static void Follow(Backend device, string type, PeftOptions? method, float tolerance, int sequences = 2, int steps = 140)
    {
        var model = SmallModel.Make(device, type);
        method?.Attach(model, seed: 1);
        using var off = Gradients.Off();
        using KeyValueCache plain = new(model, sequences, 150), cache = new(model, sequences, 150);
        using var decoding = new DecodingSteps(model, cache);
        for (int i = 0; i < steps; i++)
            Same(model, plain, cache, decoding, [.. Enumerable.Range(0, sequences).Select(sequence => (sequence, 1))], i, tolerance);
    }

    private static void Same(LlamaModel model, KeyValueCache plain, KeyValueCache cache, DecodingSteps steps, (int Sequence, int Tokens)[] parts, int step, float tolerance)
    {
        using var scope = TensorScope.Begin();
        int[] tokens = [.. parts.Select(part => (31 * step + 17 * part.Sequence) % model.Config.VocabularySize)];

        float[] expected = model.Logits(model.Forward(tokens, plain.Continue(parts))).ToArray();
        float[] found = steps.Logits(tokens, cache.Continue(parts)).ToArray();

        Near.Equal(expected, found, tolerance, $"logits of step {step}");
    }
}
