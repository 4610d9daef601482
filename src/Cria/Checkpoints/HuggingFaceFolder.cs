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

    public static Checkpoint Open(string folder, Backend device)
    {
        string whole = Path.Combine(folder, WeightsFile), index = Path.Combine(folder, IndexFile);
        if (File.Exists(whole))
            return new SafetensorsCheckpoint(folder, folder, [SafetensorsFile.Open(whole)], device);
        if (!File.Exists(index))
            throw CheckpointException.NoWeights(folder, WhatElse(folder));

        var places = ReadIndex(index);
        var files = new List<SafetensorsFile>();
        try
        {
            foreach (string part in places.Values.Distinct())
                files.Add(OpenPart(folder, index, part, places));
            return new SafetensorsCheckpoint(folder, folder, files, device);
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

    private static SafetensorsFile OpenPart(string folder, string index, string part, Dictionary<string, string> places)
    {
        string path = Path.Combine(folder, part);
        if (!File.Exists(path))
            throw CheckpointException.MissingPart(index, part);
        var file = SafetensorsFile.Open(path);
        foreach (var (tensor, place) in places)
        {
            if (place == part && !file.Holds(tensor))
            {
                file.Dispose();
                throw CheckpointException.NotInPart(index, tensor, part);
            }
        }
        return file;
    }

    private static string? WhatElse(string folder)
    {
        string[] names = [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file))];
        if (names.FirstOrDefault(name => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) is { } gguf)
            return $"{gguf}: give the path of that file instead of the folder";
        if (names.Contains("adapter_model.safetensors"))
            return "adapter_model.safetensors: this is an adapter; give the model that it belongs to as the base";
        return names.FirstOrDefault(name => name.EndsWith(".bin", StringComparison.Ordinal) || name.EndsWith(".pth", StringComparison.Ordinal)) is { } pickle
            ? $"{pickle}: a PyTorch file, which can hold programs; take the safetensors version of the model"
            : null;
    }
}
