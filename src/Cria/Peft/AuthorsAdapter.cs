using Cria.Checkpoints;

namespace Cria.Peft;

/// <summary>LLaMA-Adapter V1 and V2 as their authors released them: PyTorch files with Meta's names.</summary>
/// <remarks>
/// OpenGVLab/LLaMA-Adapter: V1 has <c>adapter_query.weight</c> (all prompts, one layer after another) and a gate in every layer; the chat model of V2 <c>wq_bias</c>, <c>wq_scale</c> and its
/// like; the multi-modal one <c>wq.bias</c>, prompts, and LoRA factors <c>lora_wq_l1</c>. Encoders of images in such a file are left out.
/// </remarks>
internal static class AuthorsAdapter
{
    private const int UsualPrompt = 10;

    /// <summary>Whether a file is one of theirs.</summary>
    public static bool Is(Checkpoint file) => file.Tensors.Keys.Any(name => AuthorsNames.IsQuery(name) || AuthorsNames.Split(name) is (_, AuthorsNames.Bias or AuthorsNames.Scale));

    public static AdapterContent Open(string path, Checkpoint file)
    {
        var tensors = new List<AdapterTensor>();
        foreach (var info in file.Tensors.Values)
        {
            if (AuthorsNames.Split(info.Name) is var (layer, kind))
                tensors.Add(new AdapterTensor($"{layer}.{kind}", info, () => file.Get(info.Name)) { Interleaved = true });
            else if (AuthorsNames.Norm(info.Name) is { } norm)
                tensors.Add(new AdapterTensor(norm, info, () => file.Get(info.Name)));
        }
        bool second = tensors.Count > 0;
        var prompts = AuthorsPrompts.Find(path, file, UsualPrompt);
        tensors.AddRange(prompts?.Tensors(second) ?? []);
        PeftOptions options = second ? Second(tensors, prompts) : First(path, prompts ?? throw CheckpointException.NoAdapter(path));
        return new AdapterContent(path, AdapterForm.Authors, options, tensors, file) { Note = Note(path, file, options, prompts) };
    }

    private static LlamaAdapterOptions First(string path, AuthorsPrompts prompts) => new()
    {
        PromptLength = prompts.Length,
        Layers = prompts.Layers,
        GateActivation = GateActivationBeside(path) ?? GateActivation.Identity,
    };

    private static LlamaAdapterV2Options Second(List<AdapterTensor> tensors, AuthorsPrompts? prompts)
    {
        string[] Layers(string kind) => [.. tensors.Where(tensor => tensor.Name.EndsWith(kind, StringComparison.Ordinal)).Select(tensor => tensor.Name.Split('.')[^2]).Distinct()];
        bool scaled = Layers(AuthorsNames.Scale).Length > 0;
        var a = tensors.FirstOrDefault(tensor => tensor.Name.EndsWith(LoraNames.A, StringComparison.Ordinal));
        return new LlamaAdapterV2Options
        {
            Preset = scaled ? LlamaAdapterV2Options.Chat : LlamaAdapterV2Options.MultiModal,
            Targets = new Targets(Layers(AuthorsNames.Bias)),
            Norms = tensors.Exists(tensor => tensor.Name.EndsWith("norm.weight", StringComparison.Ordinal)),
            PromptLength = prompts?.Length ?? 0,
            Layers = prompts?.Layers,
            GateActivation = GateActivation.Identity,       // tanh and the extra factor are multiplied into the gates
            LoraRank = a is null ? 0 : (int)a.Shape[0],
        };
    }

    private static string? Note(string path, Checkpoint file, PeftOptions options, AuthorsPrompts? prompts)
    {
        if (options is LlamaAdapterOptions && GateActivationBeside(path) is null)
            return $"{path}: does not say what its gates go through; they are taken as they are, as in the authors' inference code. Their training code has tanh: "
                + $"to choose it, put {{\"gate_activation\": \"tanh\"}} into an {HuggingFaceAdapter.ConfigFile} beside the file.";
        return prompts is not null && file.Tensors.Keys.Any(name => name.Contains("visual_", StringComparison.Ordinal))
            ? $"{path}: its image encoder is left out: texts are seen without the feature that even an empty image had."
            : null;
    }

    private static string? GateActivationBeside(string path)
    {
        string config = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, HuggingFaceAdapter.ConfigFile);
        return File.Exists(config) ? new ConfigKeys(JsonFile.Read(config), config).Text("gate_activation") : null;
    }
}
