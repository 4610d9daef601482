using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tests.Peft;
using Cria.Training;

namespace Cria.Tests.Training;

/// <summary>Passes that may be recorded against plain ones. On a card with <c>CRIA_TEST_DEVICE=cuda</c>.</summary>
public class MicroStepsTests
{
    private const int Length = 12, Sequences = 2;

    [Theory]
    [InlineData("lora", false)]
    [InlineData("lora", true)]
    [InlineData("dropout", false)]
    [InlineData("dropout", true)]
    [InlineData("full", false)]
    [InlineData("llama-adapter", false)]
    [InlineData("llama-adapter-v2", false)]
    [InlineData("excitor", true)]
    public void Losses_and_gradients_are_those_of_plain_passes_bit_for_bit(string method, bool recompute)
    {
        using var device = TestBackend.Make();

        Assert.Equal(Run(device, method, recompute, records: false), Run(device, method, recompute, records: true));
    }

    [Theory]
    [InlineData("bf16")]
    [InlineData("nf4-dq")]
    [InlineData("fp8")]
    public void So_are_they_with_narrow_activations_on_a_card(string type)
    {
        Assert.SkipUnless(TestBackend.IsCard, "There is no card to test on.");
        using var card = TestBackend.Card(DataType.BF16);

        Assert.Equal(Run(card, "dropout", true, records: false, type), Run(card, "dropout", true, records: true, type));
    }

    [Fact]
    public void A_pass_of_another_shape_or_without_all_targets_runs_plainly_between()
    {
        using var device = TestBackend.Make();
        var model = SmallModel.Make(device);
        using var steps = new MicroSteps(model, new LoraOptions { Rank = 2 }.Attach(model, seed: 1).Trained);

        bool[] recorded = [.. Enumerable.Range(0, 9).Select(i =>
        {
            int[] lengths = i == 5 ? [Length, Length - 1] : [Length, Length];
            int[] targets = Tokens(lengths.Sum(), i + 1);
            if (i == 7)
                targets[3] = Tensor.NoTarget;
            steps.AddGradients(Tokens(lengths.Sum(), i), targets, ForwardContext.Sequences(lengths, training: true, seed: 1, recompute: false), 1);
            return steps.IsRecorded;
        })];

        bool[] expected = [false, true, true, true, true, false, true, false, true];
        Assert.Equal(TestBackend.IsCard ? expected : new bool[9], recorded);
    }

    // Two parts of a batch by turns with the optimizer, then a look at what the model says by then.
    private static List<float[]> Run(Backend device, string method, bool recompute, bool records, string type = "f32")
    {
        var model = SmallModel.Make(device, type);
        PeftOptions options = method switch
        {
            "full" => new FullOptions(),
            "dropout" => new LoraOptions { Rank = 4, Dropout = 0.2f },
            _ => MethodPreset.All().First(preset => preset.Name == method).Options,
        };
        var adapter = options.Attach(model, seed: 1);
        var moments = adapter.Trained.Select(parameter => (device.Zeros(parameter.Value.Shape), device.Zeros(parameter.Value.Shape))).ToList();
        using var steps = new MicroSteps(model, adapter.Trained, records);
        var found = new List<float[]>();
        for (int step = 1; step <= 4; step++)
        {
            for (int part = 0; part < 2; part++)
            {
                int seed = 2 * step + part;
                var context = ForwardContext.Sequences([.. Enumerable.Repeat(Length, Sequences)], training: true, (ulong)seed, recompute);
                found.Add([(float)steps.AddGradients(Tokens(Sequences * Length, seed), Tokens(Sequences * Length, seed + 50), context, 0.02f)]);
                Assert.True((records && TestBackend.IsCard && step + part > 1) == steps.IsRecorded, (device as CudaBackend)?.NotRecordedBecause);
            }
            for (int i = 0; i < moments.Count; i++)
            {
                var tensor = adapter.Trained[i].Value;
                found.Add(tensor.Gradient!.ToArray());
                device.AdamW(tensor, tensor.Gradient!, moments[i].Item1, moments[i].Item2, new AdamWOptions { LearningRate = 1e-2 }, step);
                tensor.ZeroGradient();
            }
        }
        found.Add(SmallModel.Logits(model));
        return found;
    }

    private static int[] Tokens(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (i * 31 + seed * 17) % 96)];
}
