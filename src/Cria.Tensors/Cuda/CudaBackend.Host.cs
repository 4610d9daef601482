namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private readonly List<CudaStreamedTensors> streamed = [];
    private readonly List<PinnedMemory> onHost = [];
    private CudaParking? parking;

    /// <inheritdoc/>
    public override StreamedTensors Stream()
    {
        card.Enter();
        streamed.Add(new CudaStreamedTensors(this, pool, stream));
        return streamed[^1];
    }

    /// <inheritdoc/>
    public override Tensor ZerosOnHost(Shape shape)
    {
        card.Enter();
        long bytes = DataType.F32.Bytes(shape);
        onHost.Add(new PinnedMemory(card, Math.Max(1, bytes)));
        onHost[^1].Clear();
        return new Tensor(shape, DataType.F32, this, new Storage(onHost[^1], bytes, this));
    }

    internal override ParkedNumbers Park(Storage storage)
    {
        Begin();
        RefuseToRecord("activations in host memory");
        return (parking ??= new CudaParking(this, pool, stream)).Send(storage);
    }

    private void DisposeHost()
    {
        foreach (var tensors in streamed)
            tensors.Dispose();
        parking?.Dispose();
        foreach (var memory in onHost)
            memory.Dispose();
    }

    /// <summary>Work whose weights come from host memory while it runs is not recorded.</summary>
    internal void BeginStreamed()
    {
        Begin();
        RefuseToRecord("weights in host memory");
    }

    /// <summary>From the card into pinned memory, in the order of the stream.</summary>
    internal unsafe void CopyToPinned(nint from, PinnedMemory to, long offset, long bytes)
    {
        Begin();
        card.Check(card.Driver.CopyToHost(to.Pointer + offset, from, (nuint)bytes, stream.Handle), "cuMemcpyDtoHAsync");
    }
}
