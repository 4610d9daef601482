namespace Cria.Tensors;

/// <summary>Memory of a card that goes back to its pool, unless null, when this is disposed: at once, since whatever takes it next runs later.</summary>
internal readonly struct TemporaryMemory(CudaPool? pool, DeviceBlock block) : IDisposable
{
    public nint Pointer => block.Pointer;

    public void Dispose() => pool?.Give(block);

    public static implicit operator KernelArgument(TemporaryMemory memory) => memory.Pointer;
}
