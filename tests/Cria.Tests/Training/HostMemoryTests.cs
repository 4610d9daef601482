using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Tests.Training;

/// <summary>What may lie in host memory while a card trains. On a card with <c>CRIA_TEST_DEVICE=cuda</c>; a processor refuses it.</summary>
public class HostMemoryTests
{
    [Fact]
    public async Task States_and_activations_in_host_memory_change_no_bit()
    {
        Assert.SkipUnless(TestBackend.IsCard, "Needs a card: CRIA_TEST_DEVICE=cuda.");
        using var fixture = new TrainingFixture();
        var options = TrainingFixture.Options with { Recompute = true };
        await TrainingFixture.Run(fixture.Trainer("card", options));
        await TrainingFixture.Run(fixture.Trainer("host", options with { Optimizer = "adamw-host", HostActivations = true }));

        Assert.Equal(fixture.Log("card"), fixture.Log("host"));
        Assert.Equal(fixture.Bytes("card"), fixture.Bytes("host"));
    }

    [Fact]
    public async Task A_run_with_states_in_host_memory_goes_on_bit_for_bit()
    {
        Assert.SkipUnless(TestBackend.IsCard, "Needs a card: CRIA_TEST_DEVICE=cuda.");
        using var fixture = new TrainingFixture();
        var options = TrainingFixture.Options with { Optimizer = "adamw-host", SaveEvery = 3, Keep = 9 };
        await TrainingFixture.Run(fixture.Trainer("whole", options));
        await TrainingFixture.Run(fixture.Trainer("parts", options));
        Directory.Delete(Path.Combine(fixture.Folder, "parts", "checkpoints", "step-6"), recursive: true);

        await TrainingFixture.Run(fixture.Trainer("parts", options, resume: true));

        Assert.Equal(fixture.Log("whole"), fixture.Log("parts"));
        Assert.Equal(fixture.Bytes("whole"), fixture.Bytes("parts"));
    }

    [Fact]
    public void A_processor_says_that_its_memory_is_the_hosts()
    {
        using var device = new CpuBackend(1);
        var problems = new Problems();
        new TrainingOptions { Optimizer = "adamw-host", HostActivations = true }.Validate(problems, device);

        Assert.Equal(
        [
            "host_activations: without recompute: true every number of a layer is kept, and none waits in host memory.",
            "optimizer: on cpu all states are in host memory: adamw-host is for cards, use adamw.",
            "host_activations: on cpu all activations are in host memory: this is for cards, leave it out.",
        ], problems.Found);
        var weights = new RandomCheckpoint(NamedShapes.All["llama-110m"] with { Layers = 1 }, device, DataType.Q8, seed: 1);
        var refused = Assert.Throws<OptionsException>(() => new LlamaModel(NamedShapes.All["llama-110m"] with { Layers = 1 }, weights, device, streamed: true));
        Assert.StartsWith("base.stream (--stream-base): cpu computes with host memory as it is", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bf16")]
    [InlineData("nf4-dq")]
    public void A_streamed_base_trains_and_decodes_as_a_resident_one(string type)
    {
        Assert.SkipUnless(TestBackend.IsCard, "Needs a card: CRIA_TEST_DEVICE=cuda.");
        Assert.Equal(Run(type, streamed: false), Run(type, streamed: true));
    }

    private static float[] Run(string type, bool streamed)
    {
        using var device = TestBackend.Card(DataType.BF16);
        var shape = Peft.SmallModel.Shape with { Layers = 5, HiddenSize = 256, HeadSize = 64, IntermediateSize = 256 };
        var model = new LlamaModel(shape, new RandomCheckpoint(shape, device, DataType.BF16, seed: 3), device, DataType.Parse(type), streamed);
        var before = Peft.SmallModel.Logits(model);
        var losses = Peft.SmallModel.Train(model, new LoraOptions { Rank = 4 }.Attach(model, seed: 1), steps: 4);
        using var off = Gradients.Off();
        using var cache = new KeyValueCache(model, 1, 16);
        using var steps = new DecodingSteps(model, cache);
        var decoded = new List<float>();
        for (int i = 0; i < 6; i++)
        {
            using var scope = TensorScope.Begin();
            decoded.AddRange(steps.Logits([Peft.SmallModel.Tokens[i]], cache.Continue((0, 1))).ToArray());
        }
        return [.. before, .. losses, .. decoded];
    }
}
