using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Peft;

namespace Cria.Cli.Show;

/// <summary>What <c>cria show</c> tells of an adapter.</summary>
internal static class ShownAdapter
{
    public static JsonObject Of(string name, AdapterDescription adapter)
    {
        var answer = new JsonObject { ["name"] = name, ["kind"] = "adapter", ["form"] = FormName(adapter.Form), ["base"] = adapter.Base };
        foreach (var (key, value) in JsonSerializer.SerializeToNode(adapter.Options, PeftJson.Default.PeftOptions)!.AsObject())
            answer[key] = value?.DeepClone();
        answer["adapted_layers"] = JsonAnswer.Array(adapter.Layers, layer => JsonValue.Create(layer));
        answer["trained_tensors"] = adapter.Tensors.Count;
        answer["trained"] = ShownTensors.Groups(adapter.Tensors);
        answer["parameters"] = adapter.Tensors.Sum(tensor => tensor.Shape.Length);
        answer["note"] = adapter.Note;
        ShownTensors.AddTo(answer, adapter.Tensors);
        return answer;
    }

    private static string FormName(AdapterForm form) => form switch
    {
        AdapterForm.HuggingFace => "peft",
        AdapterForm.Gguf => "GGUF (llama.cpp)",
        AdapterForm.Mlx => "mlx",
        AdapterForm.Authors => "LLaMA-Adapter's authors",
        _ => "loralib",
    };
}
