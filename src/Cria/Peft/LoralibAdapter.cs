using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Factors in a state dictionary, as Microsoft's loralib and torchtune save them: <c>layers.0.attention.wq.lora_A</c>, in Meta's or Hugging Face's naming.</summary>
/// <remarks>
/// <see href="https://github.com/microsoft/LoRA"/>, function lora_state_dict. Such a file has no α: it is given, or read from an
/// <c>adapter_config.json</c> beside it, or taken to be the rank. Tensors of the base in it are left out.
/// </remarks>
internal static class LoralibAdapter
{
    public static AdapterContent Open(string path, Backend device, float? alpha)
    {
        var file = Checkpoint.Open(path, device);
        try
        {
            if (AuthorsAdapter.Is(file))
                return AuthorsAdapter.Open(path, file);
            var tensors = LoraFactors.Tensors(file, transposed: false);
            if (tensors.Count == 0)
                throw CheckpointException.NoAdapter(path);
            float? known = alpha ?? AlphaBeside(path);
            return new AdapterContent(path, AdapterForm.Loralib, LoraFactors.Options(path, tensors, rank => known ?? rank), tensors, file)
            {
                LayersFollowTensors = true,
                Note = known is null ? $"{path}: says no alpha; it is taken to be the rank, so that the scale is 1. ADAPTER:2 doubles it." : null,
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static float? AlphaBeside(string path)
    {
        string config = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, HuggingFaceAdapter.ConfigFile);
        return File.Exists(config) ? (float?)new ConfigKeys(JsonFile.Read(config), config).Real("lora_alpha") : null;
    }
}
