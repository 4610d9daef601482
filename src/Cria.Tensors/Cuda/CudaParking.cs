namespace Cria.Tensors;

/// <summary>Activations that wait in pinned host memory for their backward pass: those sent last come back first, each while the one before it is used.</summary>
internal sealed unsafe class CudaParking : IDisposable
{
    private readonly CudaBackend backend;
    private readonly CudaPool pool;
    private readonly CudaStream work;
    private readonly CudaStream copies;
    private readonly nint ready;                                // a mark of the work: up to there memory may still be read
    private readonly List<Parked> parked = [];                  // in the order in which they were sent
    private readonly List<PinnedMemory> buffers = [], free = [];
    private readonly List<nint> marks = [];
    private readonly Stack<nint> freeMarks = new();

    public CudaParking(CudaBackend backend, CudaPool pool, CudaStream work)
    {
        (this.backend, this.pool, this.work) = (backend, pool, work);
        copies = new CudaStream(backend.Card);
        ready = work.NewEvent();
    }

    /// <summary>Sends numbers to host memory. Their memory is given back when the next ones are sent: by then the copy is done.</summary>
    public ParkedNumbers Send(Storage storage)
    {
        if (parked is [.., var before])
            before.GiveBack();
        var sent = new Parked(this, storage, Buffer(storage.Length), Mark());
        Follow();
        Check(backend.Card.Driver.CopyToHost(sent.Buffer.Pointer, storage.Pointer, (nuint)storage.Length, copies.Handle), "cuMemcpyDtoHAsync");
        copies.Record(sent.Done);
        parked.Add(sent);
        return sent;
    }

    public void Dispose()
    {
        foreach (nint mark in (nint[])[ready, .. marks])
            _ = backend.Card.Driver.EventDestroy(mark);
        copies.Dispose();
        foreach (var buffer in buffers)
            buffer.Dispose();
    }

    // Copies wait for the work that is in the queue by now.
    private void Follow()
    {
        work.Record(ready);
        copies.WaitFor(ready);
    }

    private void Fetch(Parked one)
    {
        if (one.Storage is not null)
            return;
        var storage = backend.Allocate(one.Length);
        Follow();
        Check(backend.Card.Driver.CopyToDevice(storage.Pointer, one.Buffer.Pointer, (nuint)one.Length, copies.Handle), "cuMemcpyHtoDAsync");
        copies.Record(one.Done);
        one.Storage = storage;
    }

    private PinnedMemory Buffer(long bytes)
    {
        if (free.FindIndex(buffer => buffer.Bytes == bytes) is >= 0 and int i)
        {
            var found = free[i];
            free.RemoveAt(i);
            return found;
        }
        buffers.Add(new PinnedMemory(backend.Card, bytes));
        return buffers[^1];
    }

    private nint Mark()
    {
        if (freeMarks.TryPop(out nint mark))
            return mark;
        marks.Add(work.NewEvent());
        return marks[^1];
    }

    private void Forget(Parked one)
    {
        parked.Remove(one);
        free.Add(one.Buffer);           // what is copied into it next comes after what is copied out of it now
        freeMarks.Push(one.Done);
    }

    private void Check(int result, string call) => backend.Card.Check(result, call);

    private sealed class Parked(CudaParking owner, Storage storage, PinnedMemory buffer, nint done) : ParkedNumbers
    {
        public PinnedMemory Buffer => buffer;

        /// <summary>Of the copy out, then of the copy back.</summary>
        public nint Done => done;

        public long Length { get; } = storage.Length;

        /// <summary>Where the numbers are on the card: not given back yet, or coming again.</summary>
        public Storage? Storage { get; set; } = storage;

        public void GiveBack()
        {
            if (Storage is null)
                return;
            owner.work.WaitFor(done);
            owner.pool.Give(Storage.Block!);
            Storage = null;
        }

        public override Storage BringBack()
        {
            owner.Fetch(this);
            owner.work.WaitFor(done);
            int place = owner.parked.IndexOf(this);
            if (place > 0)
                owner.Fetch(owner.parked[place - 1]);
            owner.Forget(this);
            return Storage!;
        }

        public override void Dispose()
        {
            GiveBack();
            owner.Forget(this);
        }
    }
}
