using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;

namespace Cria.Tests.Models;

/// <summary>Rotary embedding in a <c>config.json</c>: three generations of keys for the same.</summary>
public class ConfigReaderTests
{
    private const string Llama3 = "\"factor\": 8, \"low_freq_factor\": 1, \"high_freq_factor\": 4, \"original_max_position_embeddings\": 8192";

    [Theory]
    [InlineData("{}", 10_000)]
    [InlineData("""{"rope_theta": 500000}""", 500_000)]
    [InlineData("""{"rope_theta": 500000, "rope_scaling": null}""", 500_000)]
    [InlineData("""{"rope_parameters": {"rope_theta": 500000, "rope_type": "default"}}""", 500_000)]
    [InlineData("""{"rope_scaling": {"type": "linear", "factor": 2}, "rope_parameters": {"rope_theta": 500000}}""", 500_000)]
    [InlineData("""{"rope_scaling": {"type": "linear", "factor": 2, "rope_theta": 500000}}""", 500_000)]
    [InlineData("""{"rope_theta": 500000, "rope_parameters": {"rope_type": "default"}}""", 500_000)]
    public void Theta_is_found_in_every_place(string config, float theta) => Assert.Equal(theta, Reader(config).RotaryBase());

    [Theory]
    [InlineData("rope_parameters", "rope_type")]
    [InlineData("rope_scaling", "rope_type")]
    [InlineData("rope_scaling", "type")]
    public void The_scaling_of_Llama_3_1_is_found_under_every_key(string key, string type) =>
        Assert.Equal(new Llama3RotaryScaling(8, 1, 4, 8192), Reader($$"""{"{{key}}": {"{{type}}": "llama3", "rope_theta": 500000, {{Llama3}} } }""").RotaryScaling());

    [Theory]
    [InlineData("""{"rope_parameters": {"rope_theta": 500000, "rope_type": "default"}}""")]
    [InlineData("""{"rope_scaling": {"type": "default"}}""")]
    [InlineData("{}")]
    public void Plain_rotation_is_not_scaled(string config) => Assert.Null(Reader(config).RotaryScaling());

    [Fact]
    public void A_type_that_no_LLaMA_has_is_named() => Assert.Equal(
        "config.json: rope_scaling: type 'yarn' is not one that a LLaMA uses: default, linear, llama3.",
        Assert.Throws<CheckpointException>(() => Reader("""{"rope_scaling": {"type": "yarn", "factor": 4}}""").RotaryScaling()).Message);

    private static ConfigReader Reader(string config) => new((JsonObject)JsonNode.Parse(config)!, "config.json");
}
