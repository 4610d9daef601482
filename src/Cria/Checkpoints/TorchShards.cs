using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>Files that share the tensors of one model, as Meta's model-parallel ones: what shows that they belong together.</summary>
internal static class TorchShards
{
    /// <summary>Throws unless all files have the same tensors in the same shapes, and equal norms, of which each has a copy.</summary>
    public static void Check(IReadOnlyList<TorchFile> files)
    {
        var first = files[0];
        foreach (var other in files.Skip(1))
        {
            var theirs = other.Tensors.ToDictionary(info => info.Name);
            foreach (var info in first.Tensors)
            {
                if (!theirs.TryGetValue(info.Name, out var found))
                    throw CheckpointException.ShardsDisagree(first.Name, other.Name, info.Name, "it lacks a tensor");
                if (found.Shape != info.Shape || found.TypeName != info.TypeName)
                    throw CheckpointException.ShardsDisagree(
                        first.Name, other.Name, info.Name, $"{found.TypeName} {found.Shape} instead of {info.TypeName} {info.Shape}");
            }
            if (other.Tensors.Find(info => !first.Holds(info.Name)) is { } extra)
                throw CheckpointException.ShardsDisagree(first.Name, other.Name, extra.Name, "it has a tensor more");
            CheckNorm(first, other);
        }
    }

    /// <summary>d, the length of the last norm; 0 where there is none.</summary>
    public static long HiddenSize(TorchFile file) => LastNorm(file) is { Shape.Rank: 1 } norm ? norm.Shape[0] : 0;

    private static void CheckNorm(TorchFile first, TorchFile other)
    {
        if (LastNorm(first) is not { Shape.Rank: 1 } norm)
            return;
        Storage one = first.Bytes(norm.Name), two = other.Bytes(norm.Name);
        if (!one.Bytes(0, (int)one.Length).SequenceEqual(two.Bytes(0, (int)two.Length)))
            throw CheckpointException.ShardsDisagree(first.Name, other.Name, norm.Name, "each file has a copy of this one, and the two differ");
    }

    private static TensorInfo? LastNorm(TorchFile file) => file.Tensors.Find(info => TorchNames.ToHuggingFace(info.Name).Name == "model.norm.weight");
}
