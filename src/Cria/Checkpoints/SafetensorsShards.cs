using System.Text.Json.Nodes;

namespace Cria.Checkpoints;

/// <summary>A model's weights in one safetensors file, or in several of bounded size with an index, as Hugging Face lays them out.</summary>
internal static class SafetensorsShards
{
    /// <summary>What transformers cuts at.</summary>
    public const long DefaultBytes = 5_000_000_000;

    /// <summary>Writes the files into a folder.</summary>
    /// <param name="folder">The folder, which exists.</param>
    /// <param name="tensors">In their order; no tensor is cut.</param>
    /// <param name="maxBytes">The most bytes of tensors in a file; one that is larger alone has a file of its own.</param>
    public static void Write(string folder, IReadOnlyList<TensorSource> tensors, long maxBytes)
    {
        var shards = Cut(tensors, maxBytes);
        if (shards.Count == 1)
        {
            Safetensors.WriteSources(Path.Combine(folder, HuggingFaceFolder.WeightsFile), shards[0]);
            return;
        }
        var map = new JsonObject();
        for (int i = 0; i < shards.Count; i++)
        {
            string file = $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
            Safetensors.WriteSources(Path.Combine(folder, file), shards[i]);
            foreach (var tensor in shards[i])
                map[tensor.Name] = file;
        }
        JsonFile.Write(Path.Combine(folder, HuggingFaceFolder.IndexFile), new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = tensors.Sum(tensor => tensor.Length) },
            ["weight_map"] = map,
        });
    }

    private static List<List<TensorSource>> Cut(IReadOnlyList<TensorSource> tensors, long maxBytes)
    {
        var shards = new List<List<TensorSource>> { new() };
        long bytes = 0;
        foreach (var group in Together(tensors))
        {
            long length = group.Sum(tensor => tensor.Length);
            if (shards[^1].Count > 0 && bytes + length > maxBytes)
            {
                shards.Add([]);
                bytes = 0;
            }
            shards[^1].AddRange(group);
            bytes += length;
        }
        return shards;
    }

    // What stands for one weight under its name and longer ones is read from one file.
    private static IEnumerable<List<TensorSource>> Together(IReadOnlyList<TensorSource> tensors)
    {
        var group = new List<TensorSource>();
        foreach (var tensor in tensors)
        {
            if (group.Count > 0 && !tensor.Name.StartsWith($"{group[0].Name}.", StringComparison.Ordinal))
            {
                yield return group;
                group = [];
            }
            group.Add(tensor);
        }
        if (group.Count > 0)
            yield return group;
    }
}
