using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.Peft;

public class LoraInitializationTests
{
    [Theory]
    [InlineData("orthogonal", Tolerances.Logits)]
    [InlineData("pissa", Tolerances.Logits)]
    [InlineData("olora", Tolerances.Logits)]
    public void A_start_that_is_not_zero_leaves_the_output_where_it_was(string init, float tolerance)
    {
        using var device = TestBackend.Make();
        var model = SmallModel.Make(device);
        float[] plain = SmallModel.Logits(model);

        var adapter = new LoraOptions { Rank = 4, Init = init }.Attach(model, seed: 5);

        Assert.All(adapter.Trained, parameter => Assert.True(parameter.Value.ToArray().ContainsAnyExcept(0f), parameter.Name));
        Near.Equal(plain, SmallModel.Logits(model), tolerance);
        adapter.Enabled = false;
        Assert.Equal(plain, SmallModel.Logits(model));
        adapter.Enabled = true;
        Assert.True(SmallModel.Train(model, adapter, 5) is [var first, .., var last] && last < first);
        adapter.Detach();
        Assert.Equal(plain, SmallModel.Logits(model));
    }

    [Theory, InlineData("pissa", false), InlineData("pissa", true), InlineData("olora", false)]
    public void What_is_exported_is_a_plain_lora_of_twice_the_rank_over_the_base_as_it_was(string init, bool rslora)
    {
        using var device = TestBackend.Make();
        using var folder = TestData.Folder();
        var model = SmallModel.Make(device);
        var adapter = new LoraOptions { Rank = 4, Init = init, Rslora = rslora, RankPattern = ["q_proj=2"] }.Attach(model, seed: 5);
        SmallModel.Train(model, adapter, 5);
        float[] trained = SmallModel.Logits(model);

        HuggingFaceAdapter.Export(adapter, folder.Path, "random");
        adapter.Detach();
        var loaded = HuggingFaceAdapter.Load(model, folder.Path);

        Assert.Equal(8, ((LoraOptions)loaded.Options).Rank);
        Assert.Equal("default", ((LoraOptions)loaded.Options).Init);
        Near.Equal(trained, SmallModel.Logits(model), Tolerances.Logits);
    }

    [Fact]
    public void Pissa_takes_the_largest_part_of_the_weight()
    {
        using var device = new CpuBackend(threads: 2);
        var model = SmallModel.Make(device);
        var weight = ((Linear)model.Blocks[0].Attention.Query).Weight;
        double before = SquaredNorm(weight.Value), largest = 0;
        var factors = Factorization.Of(weight.Value, 4, 16, 1);
        foreach (float value in factors.Values)
            largest += value * value;

        new LoraOptions { Rank = 4, Init = "pissa" }.Attach(model, seed: 5);

        Assert.Equal(before - largest, SquaredNorm(weight.Value), before * 1e-4);
        Assert.Equal(factors.Values, factors.Values.OrderDescending());
    }

    [Fact]
    public void Loftq_is_nearer_to_the_full_weights_than_quantising_alone()
    {
        using var device = TestBackend.Make();
        float[] full = SmallModel.Logits(SmallModel.Make(device));
        double alone = Distance(full, SmallModel.Logits(SmallModel.Make(device, "nf4")));
        var model = SmallModel.Make(device);

        var adapter = new LoraOptions { Rank = 16, Init = "loftq", LoftqIterations = 2 }.Attach(model, seed: 5);

        Assert.InRange(Distance(full, SmallModel.Logits(model)), 0, 0.8 * alone);
        Assert.All(model.Linears, slot => Assert.Equal("nf4", AdaptedLinear.Base(slot.Linear).Weight.Value.Type.Name));
        adapter.Detach();
        Assert.Equal(full, SmallModel.Logits(model));
    }

    [Theory]
    [InlineData("pissa", "q8_0", "init: pissa starts from the full weights, and model.layers.0.self_attn.q_proj is stored as q8_0: set base.type to keep, or take another init.")]
    [InlineData("default", "f32", "rank: 65 is above what model.layers.0.self_attn.q_proj can have: its weight is 64 by 64.")]
    public void What_cannot_begin_says_why_and_leaves_the_model_alone(string init, string type, string message)
    {
        using var device = TestBackend.Make();
        var model = SmallModel.Make(device, type);
        float[] plain = SmallModel.Logits(model);

        var error = Assert.Throws<OptionsException>(() => new LoraOptions { Rank = init == "default" ? 65 : 4, Init = init }.Attach(model, seed: 5));

        Assert.Equal(message, error.Message);
        Assert.Equal(plain, SmallModel.Logits(model));
        Assert.All(model.Linears, slot => Assert.IsType<Linear>(slot.Linear));
    }

    [Fact]
    public void Every_mistake_in_the_settings_is_told_at_once()
    {
        var problems = new Problems();
        new LoraOptions { Rank = 3, Init = "orthogonal", RankPattern = ["q_proj"], AlphaPattern = ["q_proj=-1"], PlusRatio = 0 }.Validate(problems);

        Assert.Equal(
        [
            "rank_pattern: 'q_proj' is not of the form expression=number.",
            "alpha_pattern: 'q_proj=-1' has a number that cannot be.",
            "init: orthogonal needs an even rank, got 3.",
            "plus_ratio: must be a positive number, got 0.",
        ], problems.Found);
    }

    private static double SquaredNorm(Tensor tensor) => tensor.ToArray().Sum(number => (double)number * number);

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum());
}
