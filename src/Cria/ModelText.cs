using Cria.Checkpoints;
using Cria.Tokenizers;

namespace Cria;

/// <summary>Finds the tokenizer and the chat template that belong to a checkpoint: inside a GGUF file, or beside the weights.</summary>
internal static class ModelText
{
    /// <summary>Where the files of the text are: beside the weights, or, as Meta laid out LLaMA 1 and Llama 2, one folder above them.</summary>
    /// <param name="place">The model's folder or file.</param>
    public static string Folder(string place)
    {
        string folder = Directory.Exists(place) ? place : Path.GetDirectoryName(Path.GetFullPath(place))!;
        return TokenizerFile.FileIn(folder) is null && MetaFolder.Is(folder) && Path.GetDirectoryName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)) is { } above
            && File.Exists(Path.Combine(above, "tokenizer.model")) ? above : folder;
    }

    /// <summary>The tokenizer; null where there is none.</summary>
    /// <param name="metadata">Of a GGUF file; null for other formats.</param>
    /// <param name="folder">Where the weights are.</param>
    public static Tokenizer? Tokenizer(GgufMetadata? metadata, string folder)
    {
        if (metadata?.Contains("tokenizer.ggml.tokens") == true)
            return Tokenizers.Tokenizer.FromVocabulary(Vocabulary(metadata, folder));
        return TokenizerFile.FileIn(folder) is null ? null : Tokenizers.Tokenizer.Load(folder);
    }

    /// <summary>How conversations become tokens: as the model's own template says, or without one as a base model takes them.</summary>
    public static ChatTemplate Template(GgufMetadata? metadata, string folder)
    {
        if (TemplateFiles.Find(metadata, folder) is not { } source)
            return ChatTemplate.None;
        try
        {
            return new ModelTemplate(source);
        }
        catch (ChatTemplateException wrong)
        {
            return new StandInTemplate(ChatTemplate.Recognize(source.Jinja), wrong);
        }
    }

    /// <summary>The text of the checkpoint's own template in the language Jinja; null where it has none.</summary>
    public static string? TemplateSource(GgufMetadata? metadata, string folder) => TemplateFiles.Find(metadata, folder)?.Jinja;

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
}
