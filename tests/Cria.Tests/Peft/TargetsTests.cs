using Cria.Peft;

namespace Cria.Tests.Peft;

public class TargetsTests
{
    [Fact]
    public void All_linear_takes_every_layer_but_the_head()
    {
        using var golden = new Golden("llama2-gqa");

        var slots = new Targets(Targets.AllLinear).Select(golden.Model);

        Assert.Equal(3 * 7, slots.Count);
    }

    [Fact]
    public void A_name_matches_the_end_of_a_path_word_by_word()
    {
        using var golden = new Golden("llama2-gqa");

        Assert.Equal(3, new Targets(["q_proj"]).Select(golden.Model).Count);
        Assert.Single(new Targets(["layers.1.self_attn.q_proj"]).Select(golden.Model));
        Assert.Throws<OptionsException>(() => new Targets(["proj"]).Select(golden.Model));
    }

    [Fact]
    public void An_expression_matches_the_whole_path()
    {
        using var golden = new Golden("llama2-gqa");

        var slots = new Targets(@".*\.[02]\.mlp\.(up|down)_proj").Select(golden.Model);

        Assert.Equal(["model.layers.0.mlp.up_proj", "model.layers.0.mlp.down_proj", "model.layers.2.mlp.up_proj", "model.layers.2.mlp.down_proj"],
            slots.Select(slot => slot.Path));
    }

    [Fact]
    public void A_target_that_matches_nothing_says_what_there_is()
    {
        using var golden = new Golden("llama2-gqa");

        var error = Assert.Throws<OptionsException>(() => new Targets(["qproj", "v_proj", "w1"]).Select(golden.Model));

        Assert.Equal(
            """
            targets: 'qproj' matches no linear layer; this model has q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj.
            targets: 'w1' matches no linear layer; this model has q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj.
            """, error.Message);
    }
}
