using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Tokenizers;

namespace Cria;

/// <summary>Finds the tokenizer and the chat template that belong to a checkpoint.</summary>
internal static class ModelText
{
    /// <summary>The tokenizer in the folder of the weights; null where there is none.</summary>
    public static Tokenizer? Tokenizer(string folder) =>
        File.Exists(Path.Combine(folder, "tokenizer.model")) || File.Exists(Path.Combine(folder, "original", "tokenizer.model"))
            ? Tokenizers.Tokenizer.Load(folder)
            : null;

    /// <summary>The built-in template that the model's own amounts to; none for a base model.</summary>
    public static ChatTemplate Template(string folder) =>
        Jinja(folder) is { } jinja ? ChatTemplate.Recognize(jinja) ?? ChatTemplate.None : ChatTemplate.None;

    private static string? Jinja(string folder)
    {
        string own = Path.Combine(folder, "chat_template.jinja"), config = Path.Combine(folder, "tokenizer_config.json");
        if (File.Exists(own))
            return File.ReadAllText(own);
        return File.Exists(config) && JsonFile.Read(config)["chat_template"] is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>()
            : null;
    }
}
