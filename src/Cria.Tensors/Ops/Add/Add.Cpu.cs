using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Add(Tensor a, Tensor b, Tensor y) =>
        ForChunks(y.Shape.Length, (start, count) => TensorPrimitives.Add(
            a.Storage.Floats(start, count), b.Storage.Floats(start, count), y.Storage.Floats(start, count)));

    internal override void Accumulate(Tensor sum, Tensor x)
    {
        if (sum.Adds() == 1)
            Add(sum, x, sum);
        else
            ForChunks(x.Shape.Length, (start, count) => x.Storage.Floats(start, count).CopyTo(sum.Storage.Floats(start, count)));
    }

    /// <summary>Splits an elementwise operation into chunks that fit a core's cache.</summary>
    private void ForChunks(long length, Action<long, int> body)
    {
        const int Chunk = 16 * 1024;
        int parts = checked((int)((length + Chunk - 1) / Chunk));
        Workers.For(parts, part => body((long)part * Chunk, (int)Math.Min(Chunk, length - (long)part * Chunk)));
    }
}
