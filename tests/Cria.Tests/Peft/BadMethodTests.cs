using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tests.Training;

namespace Cria.Tests.Peft;

/// <summary>What a user reads when a method cannot work.</summary>
public class BadMethodTests
{
    public static TheoryData<PeftOptions, string> Settings => new()
    {
        { new LlamaAdapterOptions { PromptLength = 0 }, "prompt_length: must lie from 1 to 4096, got 0." },
        { new ExcitorOptions { PromptLength = 0 }, "prompt_length: must lie from 1 to 4096, got 0." },
        { new LlamaAdapterOptions { GateActivation = "tan" }, "gate_activation: 'tan' is not one of tanh, identity. Did you mean 'tanh'?" },
        { new LlamaAdapterV2Options { VisionDim = 8 }, "vision_dim: nothing is projected without visual_layers." },
        { new LoraOptions { Rank = 0 }, "rank: must lie from 1 to 65536, got 0." },
        { new LoraOptions { Dora = true, Init = "pissa" }, "init: pissa changes the base's weight, whose rows dora measures: choose one of them." },
        { new LoraOptions { Rank = 3, Init = "orthogonal" }, "init: orthogonal needs an even rank, got 3." },
    };

    [Theory, MemberData(nameof(Settings))]
    public void Settings_that_cannot_work_are_refused(PeftOptions options, string message)
    {
        var problems = new Problems();

        options.Validate(problems);

        Assert.Equal([message], problems.Found);
    }

    public static TheoryData<PeftOptions, string> Shapes => new()
    {
        { new LoraOptions { Rank = 65 }, "rank: 65 is above what model.layers.0.self_attn.q_proj can have: its weight is 64 by 64." },
        { new LlamaAdapterOptions { Layers = 3 }, "layers: must lie from 1 to the 2 layers of this model, got 3." },
        { new ExcitorOptions { Layers = 0 }, "layers: must lie from 1 to the 2 layers of this model, got 0." },
        { new LlamaAdapterV2Options { VisualLayers = 3, PromptLength = 0 }, "visual_layers: must lie from 0 to the 2 layers of this model, got 3." },
        { new LoraOptions { Layers = [2] }, "layers: this model has the layers 0 to 1, got 2." },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void What_does_not_fit_the_base_is_refused_and_leaves_it_alone(PeftOptions options, string message)
    {
        using var device = new CpuBackend(threads: 1);
        var model = SmallModel.Make(device);
        float[] plain = SmallModel.Logits(model);

        var error = Assert.Throws<OptionsException>(() => options.Attach(model, seed: 1));

        Assert.Equal(message, error.Message);
        Assert.Equal(plain, SmallModel.Logits(model));
        Assert.All(model.Linears, slot => Assert.IsType<Linear>(slot.Linear));
    }

    [Theory, InlineData("pissa"), InlineData("olora"), InlineData("loftq")]
    public void A_start_from_the_full_weights_needs_them(string init)
    {
        using var device = new CpuBackend(threads: 1);

        var error = Assert.Throws<OptionsException>(() => new LoraOptions { Rank = 2, Init = init }.Attach(SmallModel.Make(device, "nf4"), seed: 1));

        Assert.Equal($"init: {init} starts from the full weights, and model.layers.0.self_attn.q_proj is stored as nf4: set base.type to keep, or take another init.", error.Message);
    }

    /// <summary>Prompts and gates that are all zero together would never move.</summary>
    public static TheoryData<PeftOptions, string, string> Stalled => new()
    {
        { new LlamaAdapterOptions { PromptLength = 3 }, "adaption_prompt", "adaption_gate" },
        { new LlamaAdapterV2Options { PromptLength = 3 }, "adaption_prompt", "adaption_gate" },
        { new ExcitorOptions { PromptLength = 3, Rank = 2 }, "excitor_prompt", "excitor_gate" },
        { new LlamaAdapterV2Options { PromptLength = 0, VisualLayers = 1, VisionDim = 8 }, "visual_projection.weight", "visual_gate" },
    };

    [Theory, MemberData(nameof(Stalled))]
    public void Factors_that_are_zero_together_are_refused(PeftOptions options, string factor, string gate)
    {
        using var fixture = new TrainingFixture();
        var (model, source) = fixture.Model();
        var adapter = options.Attach(model, seed: 1);
        Assert.Null(options.Stalled(adapter));
        foreach (var parameter in adapter.Trained.Where(parameter => parameter.Name.EndsWith(factor, StringComparison.Ordinal)))
            parameter.Value.Floats().Clear();
        using var data = fixture.Data();

        var error = Assert.Throws<OptionsException>(() => new Cria.Training.Trainer(model, source, adapter, data, TrainingFixture.Options, Cria.Training.RunFolder.Create(Path.Combine(fixture.Folder, "run"))));

        Assert.Matches($@"^init_adapter: model\.\S*{factor} and model\.layers\.\d\.self_attn\.{gate} are both all zeros: the gradient of each is proportional to the other, "
            + @"so neither would ever move\. Start from a fresh adapter, or from a file whose prompts are not zero\.$", error.Message);
    }

    public static TheoryData<PeftOptions, LlamaConfig, string> OtherBases => new()
    {
        { new LoraOptions { Rank = 2 }, SmallModel.Shape with { IntermediateSize = 192 }, "tensor   'base_model.model.model.layers.0.mlp.gate_proj.lora_B.weight'|this model needs [192, 2], the file holds [128, 2]" },
        { new LoraOptions { Rank = 2 }, SmallModel.Shape with { Layers = 1 }, "tensor   'base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight'|this model has no such layer among the adapter's targets" },
        { new LlamaAdapterOptions { PromptLength = 3 }, SmallModel.Shape with { Heads = 2, KeyValueHeads = 2 }, "adaption_gate'|this model needs [2], the file holds [4]" },
        { new LlamaAdapterOptions { PromptLength = 3, Layers = 2 }, SmallModel.Shape with { Layers = 1 }, "layers: must lie from 1 to the 1 layers of this model, got 2." },
        { new ExcitorOptions { PromptLength = 3, Rank = 2 }, SmallModel.Shape with { KeyValueHeads = 4 }, "excitor_prompt'|this model needs [3, 64], the file holds [3, 32]" },
        { new NormsOptions(), SmallModel.Shape with { HiddenSize = 128 }, "input_layernorm.weight'|this model needs [128], the file holds [64]" },
    };

    [Theory, MemberData(nameof(OtherBases))]
    public void An_adapter_of_another_base_says_which_tensor_what_was_expected_and_what_found(PeftOptions options, LlamaConfig other, string parts)
    {
        using var device = new CpuBackend(threads: 1);
        using var folder = TestData.Folder();
        HuggingFaceAdapter.Save(options.Attach(SmallModel.Make(device), seed: 1), folder.Path, "base");
        using var weights = new RandomCheckpoint(other, device, DataType.F32, seed: 3);

        var error = Assert.Throws<CheckpointException>(() => HuggingFaceAdapter.Load(new LlamaModel(other, weights, device), folder.Path));

        Assert.All(parts.Split('|'), part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_method_needs_no_form_of_its_own_for_its_file()
    {
        using var device = new CpuBackend(threads: 1);
        using var folder = TestData.Folder();
        var options = new BiasOptions { Targets = new Targets(["q_proj", "up_proj"]) };
        HuggingFaceAdapter.Save(options.Attach(SmallModel.Make(device), seed: 1), folder.Path, "base");

        string file = folder.File(HuggingFaceAdapter.ConfigFile);
        var config = JsonNode.Parse(File.ReadAllText(file))!;

        Assert.Equal("CRIA", (string)config["peft_type"]!);
        Assert.Equal("""{"method":"bias","targets":["q_proj","up_proj"]}""", config["settings"]!.ToJsonString());
        Assert.Equal(["q_proj", "up_proj"], ((BiasOptions)HuggingFaceAdapter.ReadOptions(file)).Targets.Names);
        config["settings"]!["method"] = "biass";
        File.WriteAllText(file, config.ToJsonString());
        Assert.Contains("expected the settings of one of lora, llama-adapter", Assert.Throws<CheckpointException>(() => HuggingFaceAdapter.ReadOptions(file)).Message);
    }
}
