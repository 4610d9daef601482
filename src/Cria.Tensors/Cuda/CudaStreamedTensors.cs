namespace Cria.Tensors;

/// <summary>Groups of frozen tensors in pinned host memory, and two slots on the card: one is computed with while the other is filled.</summary>
internal sealed unsafe class CudaStreamedTensors : StreamedTensors, IDisposable
{
    private const int Alignment = 256, Slots = 2;

    private readonly CudaBackend backend;
    private readonly CudaPool pool;
    private readonly CudaStream work;
    private readonly CudaStream copies;
    private readonly List<PinnedMemory> groups = [];
    private readonly DeviceBlock?[] slots = new DeviceBlock?[Slots];
    private readonly int[] holds = [-1, -1];
    private readonly nint[] brought, left;      // marks: of the copies, when a slot was filled; of the work, when it was last read
    private int current = -1;
    private bool beginsAgain;                   // whether the last time the first group came after the last: decoding, not a backward pass

    public CudaStreamedTensors(CudaBackend backend, CudaPool pool, CudaStream work)
    {
        (this.backend, this.pool, this.work) = (backend, pool, work);
        copies = new CudaStream(backend.Card);
        (brought, left) = ([copies.NewEvent(), copies.NewEvent()], [work.NewEvent(), work.NewEvent()]);
    }

    public override long HostBytes => groups.Sum(group => group.Bytes);

    public override IReadOnlyList<Tensor> Add(IReadOnlyList<Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (slots[0] is not null)
            throw new InvalidOperationException("A group was used already: all are added before.");
        var memory = new PinnedMemory(backend.Card, tensors.Sum(tensor => Padded(tensor.Storage.Length)));
        groups.Add(memory);
        var places = new List<Tensor>();
        long offset = 0;
        foreach (var tensor in tensors)
        {
            long length = tensor.Storage.Length;
            backend.CopyToPinned(tensor.Storage.Pointer, memory, offset, length);
            var place = new Place(this, groups.Count - 1, (nint)offset);
            places.Add(new Tensor(tensor.Shape, tensor.Type, backend, new Storage(place, length, backend)));
            offset += Padded(length);
        }
        backend.Synchronize();
        foreach (var tensor in tensors)
            tensor.Release();
        return places;
    }

    public void Dispose()
    {
        foreach (nint mark in (nint[])[.. brought, .. left])
            _ = backend.Card.Driver.EventDestroy(mark);
        copies.Dispose();
        foreach (var memory in groups)
            memory.Dispose();
        foreach (var slot in slots)
        {
            if (slot is not null)
                pool.Give(slot);
        }
    }

    private static long Padded(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    // Work that is in the queue by now reads the slot of the group before; what comes after reads that of this one.
    private nint Use(int group)
    {
        if (group != current)
        {
            backend.BeginStreamed();
            long most = groups.Max(one => one.Bytes);
            for (int i = 0; i < Slots; i++)
                slots[i] ??= pool.TakeUnused(most);
            Turn(group);
        }
        return slots[Array.IndexOf(holds, group)]!.Pointer;
    }

    private void Turn(int group)
    {
        int before = current < 0 ? -1 : Array.IndexOf(holds, current), slot = Array.IndexOf(holds, group);
        if (before >= 0)
            work.Record(left[before]);
        if (slot < 0)
            Bring(group, slot = before == 0 ? 1 : 0);
        work.WaitFor(brought[slot]);
        int next = Next(group);
        current = group;
        if (next >= 0 && !holds.Contains(next))
            Bring(next, 1 - slot);
    }

    // Forward from the first to the last, then back, or from the first again.
    private int Next(int group)
    {
        int last = groups.Count - 1;
        if (current == last && last > 0)
            beginsAgain = group == 0 && last > 1;
        bool forward = group > current || (group == 0 && beginsAgain);
        if (!forward)
            return group - 1;
        return group < last ? group + 1 : beginsAgain ? 0 : -1;
    }

    private void Bring(int group, int slot)
    {
        copies.WaitFor(left[slot]);
        var from = groups[group];
        backend.Card.Check(backend.Card.Driver.CopyToDevice(slots[slot]!.Pointer, from.Pointer, (nuint)from.Bytes, copies.Handle), "cuMemcpyHtoDAsync");
        copies.Record(brought[slot]);
        holds[slot] = group;
    }

    private sealed class Place(CudaStreamedTensors owner, int group, nint offset) : IDeviceMemory
    {
        public nint Address => owner.Use(group) + offset;

        public bool IsFrozen => true;
    }
}
