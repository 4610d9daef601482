using System.Runtime.InteropServices;
using Cria.Tensors.Native;

namespace Cria.Tensors;

/// <summary>One card of NVIDIA: pooled memory, one stream of work, kernels compiled when they are first used, products by cuBLASLt.</summary>
/// <remarks>
/// Calls return at once; the card works on. Only what brings numbers to the host waits: <see cref="Tensor.ToArray"/>, <see cref="Tensor.Item"/>,
/// <see cref="Backend.SumOfSquares(Tensor)"/>. Not for two threads at once.
/// </remarks>
public sealed partial class CudaBackend : Backend
{
    private const int RingBytes = 16 << 20, LargeUploads = 4;

    private readonly CudaCard card;
    private readonly CudaPool pool;
    private readonly CudaStream stream;
    private readonly CudaTransfer transfer;
    private readonly UploadRing ring;
    private readonly Queue<DeviceBlock> largeUploads = new();
    private readonly CudaKernels kernels;
    private readonly CublasLt products;
    private CpuBackend? host;
    private bool isDisposed;

    /// <summary>Takes a card into use.</summary>
    /// <exception cref="CudaException">There is none, or something that it needs is missing; the message says what and how to get it.</exception>
    public CudaBackend(CudaOptions? options = null)
    {
        options ??= new CudaOptions();
        ActivationType = options.ActivationType;
        var libraries = new CudaLibraries(options.LibraryFolders);
        card = new CudaCard(libraries.Driver, options.Device);
        kernels = new CudaKernels(card, new CudaCompiler(libraries.Compiler, card), new KernelCache(options.KernelCache));
        stream = new CudaStream(card);
        pool = new CudaPool(card, stream);
        transfer = new CudaTransfer(card, stream);
        ring = new UploadRing(card, pool, stream, RingBytes);
        products = new CublasLt(libraries.Products, card, pool);
    }

    /// <summary>Whether this machine has a driver of NVIDIA at all.</summary>
    public static bool HasDriver => CudaLibraries.HasDriver;

    /// <summary>How many cards the driver of this machine sees.</summary>
    public static int Cards => HasDriver ? CudaCard.Count(new CudaLibraries([]).Driver) : 0;

    /// <inheritdoc/>
    public override string Name => card.Name;

    /// <summary>What its maker calls the card.</summary>
    public string Model => card.Model;

    /// <inheritdoc/>
    public override DataType ActivationType { get; }

    /// <inheritdoc/>
    public override long MemoryBytes => pool.Bytes;

    /// <inheritdoc/>
    public override long MostMemoryBytes => pool.MostBytes;

    /// <inheritdoc/>
    public override Backend Host => host ??= new CpuBackend();

    /// <inheritdoc/>
    public override void Synchronize()
    {
        Begin();
        RefuseToRecord("waiting for the card");
        stream.Synchronize();
    }

    /// <inheritdoc/>
    public override void Trim()
    {
        Begin();
        pool.Trim();
    }

    internal CudaCard Card => card;

    /// <summary>From now on no more than so many bytes are taken of the card, as if it had no more.</summary>
    internal void LimitMemory(long bytes) => pool.Limit = bytes;


    internal override long LogitsBytes => 512L << 20;

    internal override Storage Allocate(long bytes)
    {
        card.Enter();
        return new Storage(pool.Take(bytes), bytes, this);
    }

    internal override void Recycle(Storage storage) => pool.Give(storage.Block!);

    internal override void Fill(Tensor tensor, float value)
    {
        Begin();
        var (pointer, count) = (tensor.Storage.Pointer, (nuint)tensor.Shape.Length);
        if (tensor.Type == DataType.F32)
            card.Check(SetWords(pointer, BitConverter.SingleToUInt32Bits(value), count), "cuMemsetD32Async");
        else if (value == 0)        // bits of zero are zeros in every type that is filled
            card.Check(SetBytes(pointer, (nuint)tensor.Storage.Length), "cuMemsetD8Async");
        else
            throw ShapeException.Type("Fill", DataType.F32, tensor.Type);
    }

    internal override void Write(ReadOnlySpan<byte> from, Storage to, long offset)
    {
        Begin();
        RefuseToRecord("numbers from the host");
        if (to.Pinned is { } memory)
        {
            stream.Synchronize();
            from.CopyTo(memory.Span(offset, from.Length));
            return;
        }
        transfer.ToDevice(from, to.Pointer + (nint)offset);
    }

    internal override Storage OnHost(Tensor tensor)
    {
        Begin();
        RefuseToRecord("numbers for the host");
        long length = tensor.Storage.Length;
        var copy = Storage.Allocate(length);
        const int Piece = 1 << 30;
        if (tensor.Storage.Pinned is { } memory)
        {
            stream.Synchronize();
            for (long at = 0; at < length; at += Piece)
                memory.Span(at, (int)Math.Min(Piece, length - at)).CopyTo(copy.Bytes(at, (int)Math.Min(Piece, length - at)));
            return copy;
        }
        using var asInFile = FromPlanes(tensor);
        for (long at = 0; at < length; at += Piece)
            transfer.ToHost(asInFile.Pointer + (nint)at, copy.Bytes(at, (int)Math.Min(Piece, length - at)));
        return copy;
    }

    internal override void Take(Tensor from, Tensor to)
    {
        Begin();
        RefuseToRecord("numbers from the host");
        if (from.Type.IsFloat)
        {
            transfer.ToDevice(from.Storage, 0, to.Storage.Pointer, from.Storage.Length);
            return;
        }
        using var asInFile = Temporary(from.Storage.Length);
        transfer.ToDevice(from.Storage, 0, asInFile.Pointer, from.Storage.Length);
        ToPlanes(from.Type, asInFile.Pointer, to.Storage.Pointer, from.Shape.Length);
    }

    // Blocks lie in planes on the card, codes beside codes and scales beside scales; files have them one after another.
    private TemporaryMemory FromPlanes(Tensor tensor)
    {
        if (tensor.Type.IsFloat)
            return new TemporaryMemory(tensor.Storage.Pointer);
        var asInFile = Temporary(tensor.Storage.Length);
        FromPlanes(tensor.Type, tensor.Storage.Pointer, asInFile.Pointer, tensor.Shape.Length);
        return asInFile;
    }

    /// <summary>1 where a kernel must add to this gradient, 0 where it must write.</summary>
    internal static int Adds(Tensor gradient) => gradient.Adds();

    /// <summary>Puts a kernel into the stream, as it was compiled for the type of activations of this backend.</summary>
    internal void Launch(
        string file, string kernel, int blocksX, int blocksY, int blocksZ, int threads, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(ActivationType, file, kernel, blocksX, blocksY, blocksZ, threads, sharedBytes, arguments);

    /// <summary>Puts a kernel into the stream, as it was compiled for a type of numbers.</summary>
    internal void Launch(
        DataType type, string file, string kernel, int blocksX, int blocksY, int blocksZ, int threads, int sharedBytes,
        params ReadOnlySpan<KernelArgument> arguments)
    {
        Begin();
        LaunchNow(Start.Plain, type, file, kernel, blocksX, blocksY, blocksZ, threads, sharedBytes, arguments);
    }

    // What waits to be launched together with what follows comes before anything else.
    private void Begin()
    {
        RefuseWithinAnother();
        card.Enter();
        if (!few.IsEmpty)
            FlushFew();
        else
            FlushTurns();
    }

    private unsafe void LaunchNow(
        Start start, DataType type, string file, string kernel, int blocksX, int blocksY, int blocksZ, int threads, int sharedBytes,
        params ReadOnlySpan<KernelArgument> arguments)
    {
        if (blocksX == 0 || blocksY == 0 || blocksZ == 0)
            return;
        card.Enter();       // a call that ends what waited did nothing on the card before: not from this thread, or since another card was used
        nint function = kernels.Find(type, file, kernel, sharedBytes);
        long* values = stackalloc long[arguments.Length];
        void** pointers = stackalloc void*[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Bits;
            pointers[i] = values + i;
        }
        var early = LaunchAttribute.StartsEarly;
        var launch = new LaunchConfiguration
        {
            BlocksX = (uint)blocksX, BlocksY = (uint)blocksY, BlocksZ = (uint)blocksZ, ThreadsX = (uint)threads, ThreadsY = 1, ThreadsZ = 1,
            SharedBytes = (uint)sharedBytes, Stream = stream.Handle, Attributes = &early, AttributeCount = start == Start.Early && card.StartsEarly ? 1u : 0,
        };
        int result = card.Driver.LaunchKernel(&launch, function, pointers, null);
        if (result != 0)
            card.Check(result, $"cuLaunchKernel for {kernel} of {file}.cu");
    }

    /// <summary>Brings an array to the card, for the launches that follow at once.</summary>
    internal DeviceSpan Upload<T>(ReadOnlySpan<T> numbers)
        where T : unmanaged
    {
        card.Enter();
        var bytes = MemoryMarshal.AsBytes(numbers);
        if (recording is not null)
            return new DeviceSpan(recording.PlaceOf(bytes), numbers.Length);
        return new DeviceSpan(bytes.Length > ring.MostBytes ? UploadLarge(bytes) : ring.Upload(bytes), numbers.Length);
    }

    // Kept until some more have come: by then the launch that it was brought for is in the stream.
    private nint UploadLarge(ReadOnlySpan<byte> bytes)
    {
        if (largeUploads.Count == LargeUploads)
            pool.Give(largeUploads.Dequeue());
        var block = pool.Take(bytes.Length);
        largeUploads.Enqueue(block);
        transfer.ToDevice(bytes, block.Pointer);
        return block.Pointer;
    }

    /// <inheritdoc cref="Upload{T}(ReadOnlySpan{T})"/>
    internal DeviceSpan Upload(int[] numbers) => Upload<int>(numbers);

    /// <summary>Memory for a moment: it may be given back as soon as the last kernel that uses it is launched.</summary>
    internal TemporaryMemory Temporary(long bytes)
    {
        card.Enter();
        return new TemporaryMemory(pool, pool.Take(bytes));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (isDisposed)
            return;
        isDisposed = true;
        host?.Dispose();
        few.Clear();
        turns.Clear();
        ForgetRows();
        card.Enter();
        stream.Synchronize();
        products.Dispose();
        kernels.Dispose();
        attentionLists?.Dispose();
        DisposeHost();
        while (largeUploads.TryDequeue(out var block))
            pool.Give(block);
        ring.Dispose();
        transfer.Dispose();
        stream.Dispose();
        pool.Dispose();
        card.Dispose();
    }

    // Whether a kernel may start before the one before it has ended: only those that wait for it themselves (common.cuh).
    private enum Start
    {
        Plain,
        Early,
    }

    private unsafe int SetWords(nint pointer, uint value, nuint count) => card.Driver.Set32(pointer, value, count, stream.Handle);

    private unsafe int SetBytes(nint pointer, nuint count) => card.Driver.Set8(pointer, 0, count, stream.Handle);
}
