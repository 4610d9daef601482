using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

public sealed class WeightScopeTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);
    private readonly Checkpoint checkpoint;

    public WeightScopeTests() => checkpoint = Checkpoint.Open(TestData.Fixture("golden/llama2-gqa"), cpu);

    public void Dispose()
    {
        checkpoint.Dispose();
        cpu.Dispose();
    }

    [Fact]
    public void A_module_gets_its_tensor_by_its_own_name()
    {
        var attention = checkpoint.Weights["model"]["layers.1"]["self_attn"];

        var weight = attention["k_proj"].Get("weight", new Shape(16, 64), "config.json");

        Assert.True(checkpoint.TryGet("model.layers.1.self_attn.k_proj.weight", out var same));
        Assert.Same(same, weight);
    }

    [Fact]
    public void A_wrong_shape_says_what_was_expected_and_why()
    {
        var scope = checkpoint.Weights["model.layers.1.self_attn.k_proj"];

        var wrong = Assert.Throws<CheckpointException>(
            () => scope.Get("weight", new Shape(8, 16), "config.json (num_key_value_heads 2 × head_dim 4, hidden_size 16)"));

        Assert.Equal(
            $"""
            {TestData.Fixture("golden/llama2-gqa/model.safetensors")}: tensor 'model.layers.1.self_attn.k_proj.weight' has the wrong shape.
              expected [8, 16], from config.json (num_key_value_heads 2 × head_dim 4, hidden_size 16)
              found    [16, 64]
            """, wrong.Message);
    }

    [Fact]
    public void A_missing_tensor_names_the_closest()
    {
        var scope = checkpoint.Weights["model.layers.0.mlp.upproj"];

        var wrong = Assert.Throws<CheckpointException>(() => scope.Get("weight", new Shape(1), "config.json"));

        Assert.Equal(
            $"""
            {TestData.Fixture("golden/llama2-gqa")}: tensor 'model.layers.0.mlp.upproj.weight' is not in the file.
              closest  'model.layers.0.mlp.up_proj.weight'
            """, wrong.Message);
    }

    [Fact]
    public void Nothing_is_suggested_where_nothing_resembles()
    {
        var wrong = Assert.Throws<CheckpointException>(() => checkpoint.Weights.Get("xyz", new Shape(1), "config.json"));

        Assert.Equal($"{TestData.Fixture("golden/llama2-gqa")}: tensor 'xyz' is not in the file.", wrong.Message);
    }

    [Fact]
    public void An_optional_tensor_may_be_absent()
    {
        Assert.False(checkpoint.Weights["model.norm"].TryGet("bias", out _));
        Assert.True(checkpoint.Weights["model.norm"].TryGet("weight", out _));
    }
}
