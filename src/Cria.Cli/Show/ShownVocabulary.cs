using System.Text.Json.Nodes;
using Cria.Checkpoints;

namespace Cria.Cli.Show;

/// <summary>What <c>cria show</c> tells of a vocabulary without a model: a tokenizer's file or folder, or a GGUF file that holds nothing else.</summary>
internal static class ShownVocabulary
{
    private static readonly string[] TokenizerEndings = [".model", ".json", ".tiktoken"];
    private static readonly string[] WeightEndings = [".safetensors", ".gguf", ".pth", ".pt", ".npz", "model.bin", "model.bin.index.json"];

    /// <summary>Whether there is a vocabulary at a path, and no model and no adapter with it.</summary>
    public static bool Is(string path)
    {
        if (Directory.Exists(path))
            return HasTokenizer(path) && !Directory.EnumerateFiles(path).Any(file => HasEnding(file, WeightEndings)) && !Directory.Exists(Path.Combine(path, "original"));
        return File.Exists(path) && (HasEnding(path, TokenizerEndings) || IsGgufWithoutTensors(path));
    }

    public static JsonObject Of(string name, string path)
    {
        var tokenizer = ShownTokenizer.Of(Llama.LoadTokenizer(path));
        var answer = new JsonObject { ["name"] = name, ["kind"] = "vocabulary", ["tokenizer"] = tokenizer["kind"]!.DeepClone() };
        tokenizer.Remove("kind");
        foreach (var (key, value) in tokenizer)
            answer[key] = value?.DeepClone();
        return answer;
    }

    private static bool HasTokenizer(string folder) => File.Exists(Path.Combine(folder, "tokenizer.json")) || File.Exists(Path.Combine(folder, "tokenizer.model"));

    private static bool HasEnding(string file, string[] endings) => endings.Any(ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static bool IsGgufWithoutTensors(string path)
    {
        if (!path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            return false;
        using var file = GgufFile.Open(path);
        return file.Tensors.Count == 0 && file.Metadata.Contains("tokenizer.ggml.tokens");
    }
}
