namespace Cria.Tensors;

/// <summary>A piece of a card's memory. Whoever lets go of it without giving it back has it given back by the garbage collector.</summary>
internal sealed class DeviceBlock(CudaPool pool, nint pointer, long bytes)
{
    ~DeviceBlock()
    {
        if (!IsFreed)
            pool.Found(Pointer, Bytes);
    }

    /// <summary>Whether the card has the memory back.</summary>
    public bool IsFreed { get; set; }

    public nint Pointer { get; } = pointer;

    /// <summary>Its whole size, at least that of the tensor in it.</summary>
    public long Bytes { get; } = bytes;
}
