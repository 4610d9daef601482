using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.Peft;

/// <summary>Every method against the numbers of huggingface/peft, or of a plain reference in PyTorch where peft does not know the method.</summary>
public class PeftGoldenTests
{
    public static TheoryData<string> Adapters =>
    [
        "peft-lora-qv", "peft-lora-all", "peft-rslora", "peft-dora",
        "peft-adaption-prompt", "peft-adapter-v1-identity", "peft-adapter-v1-tanh", "peft-adapter-v1-visual", "peft-adapter-v1-zero-gate",
        "peft-adapter-v2-chat65b", "peft-adapter-v2-paper", "peft-adapter-v2-paper-with-prompts",
        "peft-excitor", "peft-excitor-visual", "peft-excitor-zero-gate",
    ];

    public static TheoryData<string> Mergeable => ["peft-lora-qv", "peft-lora-all", "peft-rslora", "peft-dora"];

    [Theory, MemberData(nameof(Adapters))]
    public void Logits_agree_with_peft(string name)
    {
        using var golden = new Golden(name, baseModel: "llama2-gqa");
        using var off = Gradients.Off();
        HuggingFaceAdapter.Load(golden.Model, golden.Folder);

        Near.Equal(golden["logits"], golden.Model.Logits(Forward(golden)).ToArray(), Tolerances.Logits);
    }

    [Theory, MemberData(nameof(Adapters))]
    public void Loss_and_gradients_agree_with_peft(string name)
    {
        using var golden = new Golden(name, baseModel: "llama2-gqa");
        var adapter = HuggingFaceAdapter.Load(golden.Model, golden.Folder);
        using var scope = TensorScope.Begin();

        var loss = Loss(golden);
        loss.Backward();

        Assert.Equal(golden["loss"].Floats()[0], loss.Item(), Tolerances.Loss);
        foreach (var parameter in adapter.Trained)
        {
            var expected = Trained(golden, "grad", parameter.Name);
            Near.EqualRelative(expected, parameter.Value.Gradient!.ToArray(), Tolerances.Gradients, parameter.Name);
        }
    }

    [Theory, MemberData(nameof(Adapters))]
    public void Four_steps_end_where_the_reference_ends(string name)
    {
        using var golden = new Golden(name, baseModel: "llama2-gqa");
        var adapter = HuggingFaceAdapter.Load(golden.Model, golden.Folder);
        var moments = adapter.Trained.Select(one => (golden.Device.Zeros(one.Value.Shape), golden.Device.Zeros(one.Value.Shape))).ToList();
        var options = new AdamWOptions { LearningRate = 1e-2f, WeightDecay = 0.01f };

        var losses = new List<float>();
        for (int step = 1; step <= 4; step++)
        {
            using var scope = TensorScope.Begin();
            var loss = Loss(golden);
            loss.Backward();
            losses.Add(loss.Item());
            for (int i = 0; i < moments.Count; i++)
            {
                var tensor = adapter.Trained[i].Value;
                golden.Device.AdamW(tensor, tensor.Gradient!, moments[i].Item1, moments[i].Item2, options, step);
                tensor.ZeroGradient();
            }
        }

        Near.Equal(golden["train.losses"], [.. losses], Tolerances.Loss, "losses");
        foreach (var parameter in adapter.Trained)
            Near.Equal(Trained(golden, "after4", parameter.Name), parameter.Value.ToArray(), Tolerances.StepsOfLearningRate * 1e-2f, parameter.Name);
    }

    [Theory, MemberData(nameof(Mergeable))]
    public void Merged_weights_agree_with_peft_and_unmerging_restores_every_bit(string name)
    {
        using var golden = new Golden(name, baseModel: "llama2-gqa");
        using var off = Gradients.Off();
        var query = ((Linear)golden.Model.Blocks[0].Attention.Query).Weight;
        float[] before = query.Value.ToArray();
        var adapter = HuggingFaceAdapter.Load(golden.Model, golden.Folder);

        var merge = adapter.Merge(golden.Model);

        Near.Equal(golden["merged.q_proj.0"], query.Value.ToArray(), Tolerances.Merged);
        Near.Equal(golden["logits"], golden.Model.Logits(Forward(golden)).ToArray(), Tolerances.Logits);
        merge.Undo();
        Assert.Equal(before, query.Value.ToArray());
        Near.Equal(golden["logits"], golden.Model.Logits(Forward(golden)).ToArray(), Tolerances.Logits);
    }

    [Theory, MemberData(nameof(Adapters))]
    public void Switched_off_or_detached_the_base_answers_bit_for_bit(string name)
    {
        using var golden = new Golden(name, baseModel: "llama2-gqa");
        using var off = Gradients.Off();
        float[] plain = Forward(golden).ToArray();
        var adapter = HuggingFaceAdapter.Load(golden.Model, golden.Folder);

        Assert.Equal(name.EndsWith("zero-gate", StringComparison.Ordinal), plain.AsSpan().SequenceEqual(Forward(golden).ToArray()));
        adapter.Enabled = false;
        Assert.Equal(plain, Forward(golden).ToArray());
        adapter.Enabled = true;
        adapter.Detach();
        Assert.Equal(plain, Forward(golden).ToArray());
    }

    [Theory, MemberData(nameof(Adapters))]
    public void What_is_written_has_the_names_shapes_and_keys_of_peft(string name)
    {
        using var golden = new Golden(name, baseModel: "llama2-gqa");
        using var folder = TestData.Folder();
        var adapter = HuggingFaceAdapter.Load(golden.Model, golden.Folder);

        HuggingFaceAdapter.Save(adapter, folder.Path, "llama2-gqa");

        using var expected = Checkpoint.Open(Path.Combine(golden.Folder, HuggingFaceAdapter.WeightsFile), golden.Device);
        using var found = Checkpoint.Open(folder.File(HuggingFaceAdapter.WeightsFile), golden.Device);
        Assert.Equal(expected.Tensors.Keys.Order(), found.Tensors.Keys.Order());
        foreach (string tensor in expected.Tensors.Keys)
        {
            Assert.True(expected.TryGet(tensor, out var theirs) && found.TryGet(tensor, out var ours) && theirs.Shape == ours.Shape
                && theirs.ToArray().SequenceEqual(ours.ToArray()), tensor);
        }
        var (theirConfig, ourConfig) = (Config(golden.Folder), Config(folder.Path));
        foreach (var (key, value) in theirConfig.Where(pair => pair.Key is not ("note" or "auto_mapping" or "revision" or "peft_version")))
            Assert.True(JsonNode.DeepEquals(value, ourConfig[key]), $"{key}: {value?.ToJsonString()} in the reference, {ourConfig[key]?.ToJsonString()} in ours");
    }

    [Fact]
    public void Two_adapters_add_up_and_leave_in_any_order()
    {
        using var golden = new Golden("peft-lora-qv", baseModel: "llama2-gqa");
        using var off = Gradients.Off();
        float[] plain = Forward(golden).ToArray();

        var first = HuggingFaceAdapter.Load(golden.Model, golden.Folder);
        float[] one = Forward(golden).ToArray();
        var second = HuggingFaceAdapter.Load(golden.Model, TestData.Fixture("golden/peft-lora-all"));
        float[] both = Forward(golden).ToArray();

        Assert.NotEqual(one, both);
        second.Enabled = false;
        Assert.Equal(one, Forward(golden).ToArray());
        first.Detach();
        second.Detach();
        Assert.Equal(plain, Forward(golden).ToArray());
    }

    [Fact]
    public void An_adapter_for_another_base_is_refused_and_leaves_the_model_as_it_was()
    {
        using var golden = new Golden("llama1-mha");
        using var off = Gradients.Off();
        int[] ids = golden.Sequences("input_ids")[0];
        float[] plain = golden.Model.Forward(ids, ForwardContext.Sequences(ids.Length)).ToArray();

        var error = Assert.Throws<CheckpointException>(() => HuggingFaceAdapter.Load(golden.Model, TestData.Fixture("golden/peft-lora-qv")));

        Assert.Contains("the adapter was made for another base", error.Message, StringComparison.Ordinal);
        Assert.Equal(plain, golden.Model.Forward(ids, ForwardContext.Sequences(ids.Length)).ToArray());
    }

    // The order of target_modules says nothing: peft keeps them as a set.
    private static JsonObject Config(string folder)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, HuggingFaceAdapter.ConfigFile)))!.AsObject();
        if (config["target_modules"] is JsonArray)
            config["target_modules"] = new JsonArray([.. config["target_modules"]!.AsArray().Select(name => (JsonNode)name!.ToString()).OrderBy(name => name.ToString())]);
        return config;
    }

    // Keys of the references say ".default" where peft does while it trains.
    internal static Tensor Trained(Golden golden, string kind, string name)
    {
        string plain = name.StartsWith("base_model.", StringComparison.Ordinal) ? $"{kind}.{name}" : $"{kind}.base_model.model.{name}";
        string[] spellings = [plain, plain.Replace(".weight", ".default.weight", StringComparison.Ordinal), $"{plain}.default.weight"];
        return golden[spellings.First(golden.Names.Contains)];
    }

    private static Tensor Forward(Golden golden)
    {
        var ids = golden.Sequences("input_ids");
        var context = ForwardContext.Sequences([.. ids.Select(id => id.Length)]).With(golden.Images());
        return golden.Model.Forward([.. ids.SelectMany(id => id)], context);
    }

    private static Tensor Loss(Golden golden)
    {
        int[] targets = [.. golden.Sequences("labels").SelectMany(labels => labels.Skip(1).Append(-100))];
        return golden.Model.Loss(Forward(golden), targets, 1f / targets.Count(target => target >= 0));
    }
}
