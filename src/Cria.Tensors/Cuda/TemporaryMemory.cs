namespace Cria.Tensors;

/// <summary>Memory of a card that goes back to its pool, unless null, when this is disposed: at once, since whatever takes it next runs later.</summary>
internal readonly struct TemporaryMemory : IDisposable
{
    private readonly CudaPool? pool;
    private readonly DeviceBlock? block;

    public TemporaryMemory(CudaPool? pool, DeviceBlock block) => (this.pool, this.block, Pointer) = (pool, block, block.Pointer);

    /// <summary>Memory that is somebody else's.</summary>
    public TemporaryMemory(nint pointer) => Pointer = pointer;

    public nint Pointer { get; }

    public void Dispose()
    {
        if (block is not null)
            pool?.Give(block);
    }

    public static implicit operator KernelArgument(TemporaryMemory memory) => memory.Pointer;
}
