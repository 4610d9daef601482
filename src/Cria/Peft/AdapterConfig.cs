using System.Text.Json.Nodes;
using Cria.Checkpoints;

namespace Cria.Peft;

/// <summary>The <c>adapter_config.json</c> of each method: peft's own keys where peft knows the method, ours elsewhere.</summary>
internal static class AdapterConfig
{
    // One line for each word that peft_type may be.
    private static readonly Dictionary<string, Func<ConfigKeys, PeftOptions>> Kinds = new()
    {
        ["LORA"] = LoraConfig.Read,
        ["ADAPTION_PROMPT"] = PromptConfig.ReadPeft,
        ["LLAMA_ADAPTER"] = PromptConfig.ReadOwn,
        ["LLAMA_EXCITOR"] = ExcitorConfig.Read,
        ["LLAMA_NORMS"] = _ => new NormsOptions(),
        ["LLAMA_BIAS"] = keys => new BiasOptions { Targets = keys.Targets("target_modules") },
    };

    /// <summary>The settings of a file.</summary>
    /// <exception cref="CheckpointException">A key is missing, of another kind, or out of range; or the method is not known.</exception>
    public static PeftOptions Read(string file)
    {
        var keys = new ConfigKeys(JsonFile.Read(file), file);
        string kind = keys.Json["peft_type"]?.ToString() ?? "nothing";
        if (!Kinds.TryGetValue(kind, out var read))
            throw CheckpointException.Setting(file, "peft_type", $"'{kind}' is not a kind of adapter that can be read: {string.Join(", ", Kinds.Keys)}");
        var options = read(keys);
        var problems = new Problems();
        options.Validate(problems);
        return problems.None ? options : throw CheckpointException.Setting(file, "settings out of range", string.Join(" ", problems.Found));
    }

    /// <summary>The keys to write for an adapter.</summary>
    public static JsonObject Write(PeftOptions options, Adapter adapter, string baseModel)
    {
        var config = options switch
        {
            LoraOptions lora => LoraConfig.Write(lora, adapter, baseModel),
            LlamaAdapterOptions prompts => PromptConfig.Write(prompts, adapter),
            LlamaAdapterV2Options second => PromptConfig.Write(second, adapter),
            ExcitorOptions excitor => ExcitorConfig.Write(excitor, adapter),
            NormsOptions => new JsonObject { ["peft_type"] = "LLAMA_NORMS" },
            BiasOptions bias => new JsonObject { ["peft_type"] = "LLAMA_BIAS", ["target_modules"] = LoraConfig.WriteTargets(bias.Targets, adapter) },
            _ => new JsonObject { ["peft_type"] = options.Method },      // from outside of the library: whoever made it reads it
        };
        config["base_model_name_or_path"] = baseModel;
        config["task_type"] = "CAUSAL_LM";
        return config;
    }

    /// <summary>How many layers carry a tensor of that last name.</summary>
    public static int Layers(Adapter adapter, string name) => adapter.Trained.Count(parameter => parameter.Name.EndsWith($".{name}", StringComparison.Ordinal));
}
