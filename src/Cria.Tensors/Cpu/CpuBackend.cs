namespace Cria.Tensors;

/// <summary>The processor: pooled host memory, a pool of workers, kernels in C# for every vector width.</summary>
public sealed partial class CpuBackend : Backend
{
    private readonly MemoryPool pool = new();

    /// <summary>A backend that works with a number of threads; 0 takes one for each core that this process may use.</summary>
    public CpuBackend(int threads = 0) =>
        Workers = new Workers(threads > 0 ? threads : Environment.ProcessorCount);

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <inheritdoc/>
    public override IReadOnlyList<DataType> CacheTypes { get; } = [DataType.F32, DataType.F16, DataType.BF16, DataType.Q8];

    /// <summary>How many threads work on one operation.</summary>
    public int Threads => Workers.Count;

    /// <inheritdoc/>
    public override long MemoryBytes => pool.Bytes;

    /// <inheritdoc/>
    public override long MostMemoryBytes => pool.MostBytes;

    internal Workers Workers { get; }

    internal override Storage Allocate(long bytes) => pool.Take(bytes);

    internal override void Recycle(Storage storage) => pool.Give(storage);

    internal override void Fill(Tensor tensor, float value)
    {
        if (tensor.Type == DataType.F32)
            ForChunks(tensor.Shape.Length, (start, count) => tensor.Storage.Floats(start, count).Fill(value));
        else if (value == 0)
            tensor.Storage.Bytes(0, checked((int)tensor.Storage.Length)).Clear();
        else
            throw ShapeException.Type("Fill", DataType.F32, tensor.Type);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Workers.Dispose();
        pool.Clear();
    }
}
