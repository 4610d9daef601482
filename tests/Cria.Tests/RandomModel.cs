using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests;

/// <summary>Random weights as a folder of Hugging Face's form, without a tokenizer.</summary>
internal static class RandomModel
{
    public static void Write(string folder, LlamaConfig shape)
    {
        using var device = new CpuBackend(2);
        using var random = new RandomCheckpoint(shape, device, DataType.F32, seed: 1);
        Safetensors.Write(Path.Combine(folder, "model.safetensors"),
            new LlamaModel(shape, random, device).Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value)));
        File.WriteAllText(Path.Combine(folder, "config.json"), shape.ToJson().ToJsonString());
    }
}
