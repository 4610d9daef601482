using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Cli.Hub;
using Cria.Peft;
using Cria.Tokenizers;

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
        answer["share"] = ShareOf(adapter.Base, (long)answer["parameters"]!);
        answer["note"] = adapter.Note;
        ShownTensors.AddTo(answer, adapter.Tensors);
        return answer;
    }

    // Only where the base that the file names is there to be counted.
    private static double? ShareOf(string? named, long trained)
    {
        try
        {
            using var model = string.IsNullOrEmpty(named) ? null : LlamaDescription.Open(ModelCache.Resolve(named));
            return (double?)trained / model?.Config?.ParameterCount;
        }
        catch (Exception absent) when (absent is CheckpointException or TokenizerException or HubException)
        {
            return null;
        }
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
