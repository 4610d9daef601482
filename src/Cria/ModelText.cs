using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Tokenizers;

namespace Cria;

/// <summary>Finds the tokenizer and the chat template that belong to a checkpoint: inside a GGUF file, or beside the weights.</summary>
internal static class ModelText
{
    /// <summary>The tokenizer; null where there is none.</summary>
    /// <param name="metadata">Of a GGUF file; null for other formats.</param>
    /// <param name="folder">Where the weights are.</param>
    public static Tokenizer? Tokenizer(GgufMetadata? metadata, string folder)
    {
        if (metadata?.Contains("tokenizer.ggml.tokens") == true)
            return Tokenizers.Tokenizer.FromVocabulary(Vocabulary(metadata, folder));
        return TokenizerFile.FileIn(folder) is null ? null : Tokenizers.Tokenizer.Load(folder);
    }

    /// <summary>The built-in template that the model's own amounts to; none for a base model.</summary>
    public static ChatTemplate Template(GgufMetadata? metadata, string folder)
    {
        string? jinja = metadata is null ? JinjaBeside(folder) : metadata.GetText("tokenizer.chat_template");
        return jinja is null ? ChatTemplate.None : ChatTemplate.Recognize(jinja) ?? ChatTemplate.None;
    }

    private static TokenizerVocabulary Vocabulary(GgufMetadata metadata, string name) => new()
    {
        Name = name,
        Model = metadata.GetText("tokenizer.ggml.model") ?? "llama",
        Splitter = metadata.GetText("tokenizer.ggml.pre"),
        Pieces = metadata.GetTexts("tokenizer.ggml.tokens")!,
        Scores = metadata.GetNumbers("tokenizer.ggml.scores"),
        Kinds = metadata.GetIntegers("tokenizer.ggml.token_type")?.Select(kind => (TokenKind)kind).ToArray(),
        Merges = metadata.GetText("tokenizer.ggml.model") == "gpt2" ? metadata.GetTexts("tokenizer.ggml.merges") : null,
        BeginOfText = Id(metadata, "bos"),
        EndOfText = [.. new[] { Id(metadata, "eos"), Id(metadata, "eot"), Id(metadata, "eom") }.OfType<int>().Distinct()],
        AddSpacePrefix = metadata.GetFlag("tokenizer.ggml.add_space_prefix") ?? true,
    };

    // Some writers say "none" with the largest number of the type.
    private static int? Id(GgufMetadata metadata, string name) =>
        metadata.GetInteger($"tokenizer.ggml.{name}_token_id") is >= 0 and < int.MaxValue and var id ? (int)id : null;

    private static string? JinjaBeside(string folder)
    {
        string own = Path.Combine(folder, "chat_template.jinja"), config = Path.Combine(folder, "tokenizer_config.json");
        if (File.Exists(own))
            return File.ReadAllText(own);
        return File.Exists(config) && JsonFile.Read(config)["chat_template"] is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>()
            : null;
    }
}
