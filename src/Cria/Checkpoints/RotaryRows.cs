using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>The order of the rows of q and k. GGUF and Meta rotate neighbours (2i, 2i+1) of a head; here, as in Hugging Face, i and i + D/2 are rotated.</summary>
/// <remarks>For each head of D rows: new[i] = old[2i], new[D/2 + i] = old[2i + 1]. Rows move as bytes, whatever their type.</remarks>
internal static class RotaryRows
{
    /// <summary>The key of <c>config.json</c> that counts the heads of a tensor, or null for one whose rows are not rotated.</summary>
    public static string? HeadsKey(string name)
    {
        if (name.Contains(".self_attn.q_proj.", StringComparison.Ordinal))
            return "num_attention_heads";
        return name.Contains(".self_attn.k_proj.", StringComparison.Ordinal) ? "num_key_value_heads" : null;
    }

    /// <summary>The rows of q or k, as the settings of its checkpoint divide them into heads.</summary>
    public static Storage ToHalves(TensorInfo info, Storage from, Checkpoint checkpoint)
    {
        string key = HeadsKey(info.Name)!;
        var config = checkpoint.Config;
        int heads = (int)config[key]!, headSize = (int)config["head_dim"]!;
        if (info.Shape.Rank == 0 || info.Shape[0] != (long)heads * headSize)
            throw CheckpointException.WrongRows(info, (long)heads * headSize, $"{checkpoint.ConfigName} ({key} {heads} × head_dim {headSize})");
        return ToHalves(from, info.Shape[0], headSize);
    }

    public static Storage ToHalves(Storage from, long rows, int headSize) => Reorder(from, rows, headSize, Neighbour);

    /// <summary>The way back, for what is written in GGUF's order: new[2i] = old[i], new[2i + 1] = old[D/2 + i].</summary>
    public static Storage ToNeighbours(Storage from, long rows, int headSize) =>
        Reorder(from, rows, headSize, Half);

    /// <summary>Where a row stands among neighbours, by its number among halves.</summary>
    public static int InNeighbours(int row, int headSize) => row - row % headSize + (int)Neighbour(row % headSize, headSize);

    /// <summary>Where a row stands among halves, by its number among neighbours.</summary>
    public static int InHalves(int row, int headSize) => row - row % headSize + (int)Half(row % headSize, headSize);

    private static long Half(long i, int headSize) => i / 2 + i % 2 * (headSize / 2);

    private static long Neighbour(long i, int headSize) => i < headSize / 2 ? 2 * i : 2 * (i - headSize / 2) + 1;

    private static Storage Reorder(Storage from, long rows, int headSize, Func<long, int, long> sourceOf)
    {
        int rowBytes = checked((int)(from.Length / Math.Max(1, rows)));
        var to = Storage.Allocate(from.Length);
        for (long row = 0; row < rows; row++)
        {
            long head = row / headSize, i = row % headSize;
            long source = head * headSize + sourceOf(i, headSize);
            from.Bytes(source * rowBytes, rowBytes).CopyTo(to.Bytes(row * rowBytes, rowBytes));
        }
        return to;
    }
}
