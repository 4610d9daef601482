using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>A LoRA as llama.cpp takes it with <c>--lora</c>: a GGUF file of factors under the names of the base's tensors.</summary>
/// <remarks>
/// llama.cpp: src/llama-adapter.cpp (what is expected) and convert_lora_to_gguf.py (what is written). <c>blk.0.attn_q.weight.lora_a</c> is A (r, in),
/// <c>…lora_b</c> is B (out, r), its rows for q and k in the order in which neighbours are rotated. The scale is α over the rank of each layer, or 1 where α is 0.
/// </remarks>
internal static class GgufAdapter
{
    private const string KindKey = "general.type", AdapterKey = "adapter.type", AlphaKey = "adapter.lora.alpha", ArchitectureKey = "general.architecture";
    private const string Kind = "adapter", Lora = "lora", Architecture = "llama";

    /// <summary>Whether a GGUF file says that it holds an adapter.</summary>
    public static bool Is(string path)
    {
        using var file = GgufFile.Open(path);
        return file.Metadata.GetText(KindKey) == Kind;
    }

    public static AdapterContent Open(string path, Backend device)
    {
        device = device.Host;
        var file = GgufFile.Open(path);
        try
        {
            Check(file);
            var tensors = file.Tensors.Select(tensor => Read(file, tensor, device)).ToList();
            float alpha = (float)(file.Metadata.GetNumber(AlphaKey) ?? 0);
            return new AdapterContent(path, AdapterForm.Gguf, LoraFactors.Options(path, tensors, rank => alpha == 0 ? rank : alpha), tensors, file)
            {
                Base = file.Metadata.GetText("general.base_model.0.name"),
                LayersFollowTensors = true,
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Check(GgufFile file)
    {
        if (file.Metadata.GetText(KindKey) is var kind && kind != Kind)
            throw CheckpointException.NotAnAdapter(file.Name, kind ?? "model");
        if (file.Metadata.GetText(ArchitectureKey) is { } architecture and not Architecture)
            throw CheckpointException.Architecture(file.Name, architecture);
        if (file.Metadata.GetText(AdapterKey) is { } type and not Lora)
            throw CheckpointException.NotAnAdapter(file.Name, type);
        if (file.Metadata.Contains("adapter.alora.invocation_tokens"))
            throw CheckpointException.Setting(file.Name, "adapter.alora.invocation_tokens", "an adapter that begins at certain tokens is not supported");
    }

    private static AdapterTensor Read(GgufFile file, GgufTensor tensor, Backend device)
    {
        int dot = tensor.Name.LastIndexOf('.');
        string? factor = dot < 0 ? null : tensor.Name[dot..] switch { ".lora_a" => LoraNames.A, ".lora_b" => LoraNames.B, _ => null };
        string name = factor is null ? "" : GgufNames.ToHuggingFace(tensor.Name[..dot]);
        if (!name.EndsWith(".weight", StringComparison.Ordinal))
            throw CheckpointException.NotAFactor(file.Name, tensor.Name);
        var info = new TensorInfo(tensor.Name, DataType.Parse(tensor.TypeName), tensor.TypeName, tensor.Shape, file.Name);
        return new AdapterTensor(
            name[..^"weight".Length] + factor, info, () => new Tensor(info.Shape, info.Type ?? throw CheckpointException.WrongType(info), device, file.Bytes(tensor)))
        {
            Interleaved = true,
        };
    }
}
