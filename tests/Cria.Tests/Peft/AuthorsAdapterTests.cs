using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tests.Checkpoints;

namespace Cria.Tests.Peft;

/// <summary>The files of LLaMA-Adapter's authors, made from the reference adapters in our form: each computes the same.</summary>
public sealed class AuthorsAdapterTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Theory, InlineData("peft-adapter-v1-identity"), InlineData("peft-adapter-v1-tanh")]
    public void The_first_version_has_all_prompts_in_one_matrix_and_a_gate_in_every_layer(string name)
    {
        using var golden = new Golden(name, "llama2-gqa");
        var adapter = AdapterFile.Load(golden.Model, golden.Folder);
        float[] expected = Logits(golden);
        var file = new TorchBytes().Floats("adapter_query.weight", [.. Trained(adapter, "adaption_prompt").SelectMany(prompt => prompt)], 10, 64)
            .Floats("layers.0.attention.gate", new float[8], 1, 8, 1, 1);
        foreach (var (gate, i) in Trained(adapter, "adaption_gate").Select((gate, i) => (gate, i)))
            file.Floats($"layers.{i + 1}.attention.gate", gate, 1, 8, 1, 1);
        adapter.Detach();
        string path = file.Write(folder.File("adapter.pth"));
        if (name.EndsWith("tanh", StringComparison.Ordinal))
            File.WriteAllText(folder.File("adapter_config.json"), """{"gate_activation": "tanh"}""");

        var loaded = AdapterFile.Load(golden.Model, path);

        Assert.Equal(expected, Logits(golden));
        Assert.Equal((5, 2), (((LlamaAdapterOptions)loaded.Options).PromptLength, ((LlamaAdapterOptions)loaded.Options).Layers));
        Assert.Equal(name.EndsWith("identity", StringComparison.Ordinal), loaded.Note?.Contains("does not say what its gates go through", StringComparison.Ordinal) ?? false);
        Assert.True(AdapterFile.Is(path));
    }

    [Fact]
    public void The_chat_model_of_the_second_has_biases_and_scales_in_the_order_of_Meta()
    {
        using var golden = new Golden("peft-adapter-v2-chat65b", "llama2-gqa");
        var adapter = AdapterFile.Load(golden.Model, golden.Folder);
        float[] expected = Logits(golden);
        var file = new TorchBytes { Wrappers = ["model"] };
        foreach (var parameter in adapter.Trained)
            Add(file, parameter, golden.Model.Config.HeadSize);
        adapter.Detach();

        var loaded = AdapterFile.Load(golden.Model, file.Write(folder.File("chat.pth")));

        Assert.Equal(expected, Logits(golden));
        Assert.Equal("chat", ((LlamaAdapterV2Options)loaded.Options).Preset);
    }

    [Fact]
    public void The_multi_modal_model_of_the_second_multiplies_its_gates()
    {
        using var golden = new Golden("llama2-gqa");
        var options = new LlamaAdapterV2Options { Preset = "multi-modal", PromptLength = 5, LoraRank = 2, GateActivation = "identity" };
        var adapter = options.Attach(golden.Model, seed: 3);
        foreach (var parameter in adapter.Trained)
            parameter.Value.Set(golden.Device.Normal(parameter.Value.Shape, 0.1f, seed: 4).ToArray());
        var file = new TorchBytes { Wrappers = ["model"] };
        file.Floats("llama.adapter_query.weight", [.. Trained(adapter, "adaption_prompt").SelectMany(prompt => prompt)], 10, 64).Floats("visual_query.weight", [1, 2], 1, 2);
        foreach (var parameter in adapter.Trained.Where(parameter => !parameter.Name.Contains("adaption_prompt", StringComparison.Ordinal)))
            Add(file, parameter, golden.Model.Config.HeadSize, prefix: "llama.");
        file.Floats("llama.layers.0.attention.gate", new float[8], 1, 8, 1, 1);
        foreach (var gate in adapter.Trained.Where(parameter => parameter.Name.EndsWith("adaption_gate", StringComparison.Ordinal)))
        {
            gate.Value.Set([.. gate.Value.ToArray().Select(number => MathF.Tanh(number) * 1.5f)]);
        }
        float[] expected = Logits(golden);
        adapter.Detach();

        var loaded = AdapterFile.Load(golden.Model, file.Write(folder.File("multi.pth")));

        Near.Equal(expected, Logits(golden), Tolerances.SameModel);
        Assert.Contains("its image encoder is left out", loaded.Note, StringComparison.Ordinal);
    }

    // A trained tensor by the authors' name, shape and order.
    private static void Add(TorchBytes file, Parameter parameter, int headSize, string prefix = "")
    {
        string[] parts = parameter.Name.Split('.');
        long[] shape = [.. Enumerable.Range(0, parameter.Value.Shape.Rank).Select(axis => parameter.Value.Shape[axis])];
        if (parameter.Name.EndsWith("norm.weight", StringComparison.Ordinal))
        {
            file.Floats(prefix + MetaBytes.NameOf(parameter.Name), parameter.Value.ToArray(), shape);
            return;
        }
        if (parts[^1] == "adaption_gate")
        {
            file.Floats($"{prefix}layers.{parts[2]}.attention.gate", parameter.Value.ToArray(), 1, shape[0], 1, 1);
            file.Floats($"{prefix}layers.{parts[2]}.attention.new_gate", [1.5f], 1, 1, 1, 1);
            return;
        }
        int end = Array.FindIndex(parts, part => part.EndsWith("_proj", StringComparison.Ordinal));
        string module = MetaBytes.NameOf(string.Join('.', parts[..(end + 1)]) + ".weight")[..^".weight".Length];
        string name = parts[end + 1] switch
        {
            "adapter_bias" => prefix.Length == 0 ? $"{module}_bias" : $"{module}.bias",
            "adapter_scale" => $"{module}_scale",
            "lora_A" => $"{Lora(module)}_l1.weight",
            _ => $"{Lora(module)}_l2.weight",
        };
        bool hasRows = parts[end + 1] is "adapter_bias" or "lora_B";
        var rows = parameter.Value.View(new Shape(shape[0], parameter.Value.Shape.Length / shape[0]));
        var stored = hasRows ? MetaBytes.Interleaved(parameter.Name, rows, headSize) : parameter.Value;
        file.Floats(prefix + name, stored.ToArray(), shape);
    }

    private static string Lora(string module) => module.Insert(module.LastIndexOf('.') + 1, "lora_");

    private static IEnumerable<float[]> Trained(Adapter adapter, string name) =>
        adapter.Trained.Where(parameter => parameter.Name.EndsWith(name, StringComparison.Ordinal)).Select(parameter => parameter.Value.ToArray());

    private static float[] Logits(Golden golden)
    {
        using var off = Gradients.Off();
        int[] ids = golden.Sequences("input_ids")[0];
        return golden.Model.Logits(golden.Model.Forward(ids, ForwardContext.Sequences(ids.Length))).ToArray();
    }
}
