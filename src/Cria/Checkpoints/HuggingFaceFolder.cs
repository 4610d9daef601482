using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>A folder as Hugging Face lays it out: <c>config.json</c>, and the weights in one file or in several named by an index.</summary>
internal static class HuggingFaceFolder
{
    public const string ConfigFile = "config.json";
    public const string WeightsFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";

    public const string TorchFileName = "pytorch_model.bin";
    public const string TorchIndexFile = "pytorch_model.bin.index.json";

    public const string GenerationFile = "generation_config.json";

    /// <summary>The files of the tokenizer and the chat template, beside the weights: as right for a copy of a model as for the model.</summary>
    public static readonly IReadOnlyList<string> TextFiles =
    [
        "tokenizer.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja",
        Path.Combine("original", "tokenizer.model"),
    ];

    /// <summary>Opens whatever form of weights is there; safetensors before PyTorch's, and Hugging Face's layout before Meta's.</summary>
    public static Checkpoint Open(string folder, Backend device)
    {
        string At(string name) => Path.Combine(folder, name);
        if (File.Exists(At(WeightsFile)))
            return SafetensorsCheckpoint.Open(folder, folder, At(WeightsFile), device);
        if (File.Exists(At(IndexFile)))
            return OpenParts(folder, At(IndexFile), SafetensorsFile.Open, (file, tensor) => file.Holds(tensor),
                files => new SafetensorsCheckpoint(folder, folder, files, device));
        if (File.Exists(At(TorchFileName)))
            return TorchCheckpoint.Open(folder, folder, [At(TorchFileName)], device);
        if (File.Exists(At(TorchIndexFile)))
            return OpenParts(folder, At(TorchIndexFile), TorchFile.Open, (file, tensor) => file.Holds(tensor),
                files => new TorchCheckpoint(folder, folder, files, device));
        return MetaFolder.Is(folder) ? MetaFolder.Open(folder, device) : throw CheckpointException.NoWeights(folder, WhatElse(folder));
    }

    private static TCheckpoint OpenParts<TFile, TCheckpoint>(
        string folder, string index, Func<string, TFile> open, Func<TFile, string, bool> holds, Func<IReadOnlyList<TFile>, TCheckpoint> make)
        where TFile : IDisposable
        where TCheckpoint : Checkpoint
    {
        var places = ReadIndex(index);
        var files = new List<TFile>();
        try
        {
            foreach (string part in places.Values.Distinct())
            {
                files.Add(open(PathOf(folder, index, part)));
                if (places.FirstOrDefault(place => place.Value == part && !holds(files[^1], place.Key)).Key is { } absent)
                    throw CheckpointException.NotInPart(index, absent, part);
            }
            return make(files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>The name of the file for each tensor: plain names, so that an index cannot reach out of its folder.</summary>
    private static Dictionary<string, string> ReadIndex(string index)
    {
        if (JsonFile.Read(index)["weight_map"] is not JsonObject { Count: > 0 } map)
            throw CheckpointException.NoWeightMap(index);
        var places = new Dictionary<string, string>();
        foreach (var (tensor, value) in map)
        {
            if (value?.GetValueKind() != JsonValueKind.String)
                throw CheckpointException.NoWeightMap(index);
            string part = value.GetValue<string>();
            if (part.AsSpan().ContainsAny("/\\:\0") || part is "" or "." or "..")
                throw CheckpointException.LeavesFolder(index, tensor, part);
            places.Add(tensor, part);
        }
        return places;
    }

    // The name comes from a stranger, and so may a link of that name. In the cache of Hugging Face every file is a link into its folder blobs.
    private static string PathOf(string folder, string index, string part)
    {
        string path = Path.Combine(folder, part);
        if (!File.Exists(path))
            throw CheckpointException.MissingPart(index, part);
        if (File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target && target.FullName is var full)
        {
            string place = Path.GetDirectoryName(full)!;
            if (place != Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar) && Path.GetFileName(place) != "blobs")
                throw CheckpointException.LinkLeavesFolder(index, part, full);
        }
        return path;
    }

    private static string? WhatElse(string folder)
    {
        string[] names = [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file))];
        if (names.FirstOrDefault(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) is { } gguf)
            return $"{gguf}: give the path of that file instead of the folder";
        if (names.Contains("adapter_model.safetensors"))
            return "adapter_model.safetensors: this is an adapter; give the model that it belongs to as the base";
        return names.FirstOrDefault(name => Path.GetExtension(name) is ".bin" or ".pth" or ".pt" or ".safetensors") is { } other
            ? $"{other}: give the path of that file instead of the folder"
            : null;
    }
}
