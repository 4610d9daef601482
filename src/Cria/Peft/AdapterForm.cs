namespace Cria.Peft;

/// <summary>The forms in which adapters come as files.</summary>
public enum AdapterForm
{
    /// <summary>A folder of huggingface/peft: <c>adapter_config.json</c>, and <c>adapter_model.safetensors</c> or the older <c>adapter_model.bin</c>.</summary>
    HuggingFace,

    /// <summary>A GGUF file as llama.cpp takes it with <c>--lora</c>.</summary>
    Gguf,

    /// <summary>A folder of mlx-lm: <c>adapters.safetensors</c> (or <c>.npz</c>), and its own <c>adapter_config.json</c>. Read only.</summary>
    Mlx,

    /// <summary>A PyTorch file of Microsoft's loralib, or of torchtune: factors in a state dictionary. Read only.</summary>
    Loralib,

    /// <summary>A PyTorch file of LLaMA-Adapter's authors, V1 or V2. Read only.</summary>
    Authors,
}
