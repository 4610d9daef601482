using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>The order of the rows of q and k. GGUF and Meta rotate neighbours (2i, 2i+1) of a head; here, as in Hugging Face, i and i + D/2 are rotated.</summary>
/// <remarks>For each head of D rows: new[i] = old[2i], new[D/2 + i] = old[2i + 1]. Rows move as bytes, whatever their type.</remarks>
internal static class RotaryRows
{
    public static Storage ToHalves(Storage from, long rows, int headSize)
    {
        int rowBytes = checked((int)(from.Length / Math.Max(1, rows)));
        var to = Storage.Allocate(from.Length);
        for (long row = 0; row < rows; row++)
        {
            long head = row / headSize, i = row % headSize;
            long source = head * headSize + (i < headSize / 2 ? 2 * i : 2 * (i - headSize / 2) + 1);
            from.Bytes(source * rowBytes, rowBytes).CopyTo(to.Bytes(row * rowBytes, rowBytes));
        }
        return to;
    }
}
