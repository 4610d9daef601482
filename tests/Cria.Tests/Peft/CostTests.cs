using Cria.Models;
using Cria.Peft;
using Cria.Planning;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Tests.Peft;

/// <summary>What a method costs follows from what it trains.</summary>
public class CostTests
{
    private static readonly LlamaConfig Shape = NamedShapes.All["llama-110m"];

    public static TheoryData<PeftOptions> Frozen =>
    [
        new LlamaAdapterOptions { PromptLength = 3 }, new LlamaAdapterV2Options { PromptLength = 3 }, new LlamaAdapterV2Options { Preset = "chat" },
        new LlamaAdapterV2Options { Preset = "multi-modal", PromptLength = 3 }, new ExcitorOptions { PromptLength = 3, Rank = 2 }, new LoraOptions { Rank = 2 },
    ];

    [Theory, MemberData(nameof(Frozen))]
    public void The_base_has_no_gradient_of_a_weight(PeftOptions options)
    {
        using var device = new CpuBackend(threads: 2);
        var model = SmallModel.Make(device);
        var frozen = model.Parameters.Select(parameter => parameter.Value).ToList();
        var adapter = options.Attach(model, seed: 1);
        using var scope = TensorScope.Begin();

        model.Loss(model.Forward(SmallModel.Tokens, ForwardContext.Sequences(SmallModel.Tokens.Length)), [.. SmallModel.Tokens.Skip(1), -100], 1).Backward();

        Assert.All(frozen, tensor => Assert.True(!tensor.RequiresGradient && tensor.Gradient is null));
        Assert.All(adapter.Trained, parameter => Assert.NotNull(parameter.Value.Gradient));
    }

    /// <summary>What a further layer costs is the same for each: nothing grows with the layers below the lowest that is trained.</summary>
    public static TheoryData<Func<int, int, PeftOptions>> TopLayers => new()
    {
        (layers, _) => new LlamaAdapterOptions { Layers = layers },
        (layers, _) => new ExcitorOptions { Layers = layers },
        (layers, all) => new LoraOptions { Layers = [.. Enumerable.Range(all - layers, layers)] },
    };

    [Theory, MemberData(nameof(TopLayers), DisableDiscoveryEnumeration = true)]
    public void There_is_no_work_backward_below_the_lowest_trained_tensor(Func<int, int, PeftOptions> method)
    {
        double Flop(int layers, int all = 12) => new Planner(Shape with { Layers = all }, new TrainingOptions()).Plan(method(layers, all), 1, 128).Flop;
        double Forward(int all) => Flop(1, all) - Flop(1, all - 1);     // of one layer more that is not trained

        double layer = Flop(3) - Flop(2);

        Assert.Equal(layer, Flop(8) - Flop(7), 1e-6 * layer);
        Assert.InRange(layer / Forward(12), 0.9, 1.4);                  // its way back costs about what its way forward does
    }

    [Fact]
    public void Activations_that_no_trained_tensor_needs_are_not_kept()
    {
        long Bytes(int layers) => new Planner(Shape, new TrainingOptions()).Plan(new LlamaAdapterOptions { Layers = layers }, 1, 128).ActivationBytes;

        Assert.InRange((Bytes(12) - Bytes(6)) / (double)(Bytes(6) - Bytes(1)), 1.1, 1.3);      // 6 layers to 5: each keeps the same, and those below nothing
    }

    [Fact]
    public void A_step_of_prompts_is_less_work_than_one_of_lora()
    {
        double Flop(PeftOptions options) => new Planner(Shape, new TrainingOptions()).Plan(options, 4, 256).Flop;

        // Through 11 of 12 layers the gradient has to pass in any case; what falls away is the lowest layer, and LoRA's own products.
        Assert.InRange(Flop(new LlamaAdapterOptions()) / Flop(new LoraOptions { Rank = 8 }), 0.5, 0.96);
        Assert.InRange(Flop(new LlamaAdapterOptions { Layers = 4 }) / Flop(new LoraOptions { Rank = 8 }), 0.5, 0.75);
    }
}
