using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;

namespace Cria.Peft;

/// <summary>The <c>adapter_config.json</c> of each method: peft's own keys where peft knows the method, a form of ours elsewhere.</summary>
/// <remarks>A method needs nothing here: without a form of its own it is <c>{"peft_type": "CRIA", "settings": {…}}</c>, its settings as recipes spell them.</remarks>
internal static class AdapterConfig
{
    private const string KindKey = "peft_type", SettingsKey = "settings", OwnKind = "CRIA";

    // The forms that have a word and keys of their own.
    private static readonly Dictionary<string, Func<ConfigKeys, PeftOptions>> Kinds = new()
    {
        ["LORA"] = LoraConfig.Read,
        ["ADAPTION_PROMPT"] = PromptConfig.ReadPeft,
        ["LLAMA_ADAPTER"] = PromptConfig.ReadOwn,
        ["LLAMA_EXCITOR"] = ExcitorConfig.Read,
        [OwnKind] = ReadSettings,
    };

    /// <summary>The settings of a file.</summary>
    /// <exception cref="CheckpointException">A key is missing, of another kind, or out of range; or the method is not known.</exception>
    public static PeftOptions Read(string file)
    {
        var keys = new ConfigKeys(JsonFile.Read(file), file);
        string kind = keys.Json[KindKey]?.ToString() ?? "nothing";
        if (!Kinds.TryGetValue(kind, out var read))
            throw CheckpointException.Setting(file, KindKey, $"'{kind}' is not a kind of adapter that can be read: {string.Join(", ", Kinds.Keys)}");
        var options = read(keys);
        var problems = new Problems();
        options.Validate(problems);
        return problems.None ? options : throw CheckpointException.Setting(file, "settings out of range", string.Join(" ", problems.Found));
    }

    /// <summary>The keys to write for an adapter.</summary>
    public static JsonObject Write(PeftOptions options, Adapter adapter, string baseModel)
    {
        var config = options.ToConfig(adapter, baseModel);
        config["base_model_name_or_path"] = baseModel;
        config["task_type"] = "CAUSAL_LM";
        return config;
    }

    /// <summary>The settings as they are; of a method from outside of the library only its name: whoever made it reads it.</summary>
    public static JsonObject OfSettings(PeftOptions options) => PeftOptions.Methods.Contains(options.Method)
        ? new JsonObject { [KindKey] = OwnKind, [SettingsKey] = JsonSerializer.SerializeToNode(options, PeftJson.Default.PeftOptions) }
        : new JsonObject { [KindKey] = options.Method };

    /// <summary>How many layers carry a tensor of that last name.</summary>
    public static int Layers(Adapter adapter, string name) => adapter.Trained.Count(parameter => parameter.Name.EndsWith($".{name}", StringComparison.Ordinal));

    private static PeftOptions ReadSettings(ConfigKeys keys)
    {
        try
        {
            return keys.Json[SettingsKey].Deserialize(PeftJson.Default.PeftOptions) ?? throw new JsonException("there are none");
        }
        catch (Exception wrong) when (wrong is JsonException or NotSupportedException)
        {
            throw CheckpointException.Setting(keys.File, SettingsKey, $"expected the settings of one of {string.Join(", ", PeftOptions.Methods)}: {wrong.Message}");
        }
    }
}
