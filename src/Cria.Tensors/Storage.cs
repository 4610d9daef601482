using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors;

/// <summary>The bytes of a tensor: an array of ours, a part of a mapped file, or a piece of a card's memory.</summary>
/// <remarks>
/// An array is pinned and starts at a cache line. It is managed, so a span over it keeps it alive: a tensor that nobody holds any more
/// can be collected at any time without harm. A scope gives arrays back to the pool long before that. The memory of a card cannot be seen as
/// a span; its address is for that card alone.
/// </remarks>
public sealed unsafe class Storage
{
    private readonly CacheLine[]? array;
    private readonly nint start;
    private readonly byte* mapped;
    private readonly object? owner;
    private readonly StandIn? standIn;
    private readonly CudaBackend? card;
    private readonly IDeviceMemory? elsewhere;

    internal Storage(CacheLine[] array, long length) : this(array, 0, array.Length - 1, length)
    {
    }

    /// <summary>Some lines of an array.</summary>
    internal Storage(CacheLine[] array, long first, long lines, long length)
    {
        (this.array, Lines, Length, IsPiece) = (array, lines, length, lines < array.Length - 1);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        start = (-address & (CacheLine.Size - 1)) + (nint)(first * CacheLine.Size);
    }

    /// <summary>The same bytes, of which eight rows lie side by side.</summary>
    internal Storage(Storage bytes, int rowLength)
    {
        (array, start, Lines, Length, IsPiece) = (bytes.array, bytes.start, bytes.Lines, bytes.Length, bytes.IsPiece);
        RowLength = rowLength;
    }

    internal Storage(StandIn standIn, long lines, long length) => (this.standIn, Lines, Length) = (standIn, lines, length);

    internal Storage(byte* mapped, long length, object owner)
    {
        this.mapped = mapped;
        Length = length;
        this.owner = owner;
    }

    internal Storage(DeviceBlock block, long length, CudaBackend card)
    {
        (Block, Length, Lines, this.card) = (block, length, block.Bytes / CacheLine.Size, card);
    }

    internal Storage(IDeviceMemory elsewhere, long length, CudaBackend card) => (this.elsewhere, Length, this.card) = (elsewhere, length, card);

    /// <summary>Memory for a tensor that no scope owns: it lives as long as somebody holds it. The bytes are not set.</summary>
    public static Storage Allocate(long bytes)
    {
        long lines = Math.Max(1, (bytes + CacheLine.Size - 1) / CacheLine.Size);
        return new Storage(NewArray(lines), bytes);
    }

    /// <summary>So many lines and one more: the collector places arrays at any multiple of eight bytes, and the bytes begin where a line does.</summary>
    internal static CacheLine[] NewArray(long lines) => GC.AllocateUninitializedArray<CacheLine>(checked((int)lines + 1), pinned: true);

    /// <summary>The size in bytes.</summary>
    public long Length { get; }

    /// <summary>Whether the bytes belong to a file and must not be written.</summary>
    public bool IsMapped => Lines == 0 && elsewhere is not { IsFrozen: false };

    /// <summary>Whether a card has them only while they are used.</summary>
    internal bool IsStreamed => elsewhere is { IsFrozen: true };

    /// <summary>Whether they belong to the device's pool.</summary>
    internal bool IsPooled => Lines > 0;

    /// <summary>Whether others have lines of the same array.</summary>
    internal bool IsPiece { get; }

    /// <summary>Where eight rows lie side by side: how many numbers each has. 0 where rows follow one another, as everywhere in files.</summary>
    internal int RowLength { get; }

    internal CacheLine[]? Array => array;

    /// <summary>The host memory that a card computes with, where it is that.</summary>
    internal PinnedMemory? Pinned => elsewhere as PinnedMemory;

    /// <summary>The piece of a card's memory; null for host memory.</summary>
    internal DeviceBlock? Block { get; }

    /// <summary>The address on the card.</summary>
    internal nint Pointer => Block?.Pointer ?? elsewhere?.Address ?? throw new InvalidOperationException("This tensor is in host memory, which a card cannot read.");

    /// <summary>The cache lines that the bytes take up in memory of ours; 0 where they are mapped.</summary>
    internal long Lines { get; }

    /// <summary>Says that the pages of a mapped file will not be read again soon, so that they do not count as memory of this process.</summary>
    internal void Forget()
    {
        if (IsMapped)
            MemoryAdvice.Forget(mapped, Length);
    }

    /// <summary>A part of the bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside.</exception>
    public Span<byte> Bytes(long offset, int count)
    {
        if (offset < 0 || count < 0 || offset > Length - count)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{offset} + {count} lies outside of {Length} bytes.");
        if (card is not null)
            throw CudaException.NotInHostMemory(card.Name);
        if (array is null)
        {
            GC.KeepAlive(owner);
            return standIn is null ? new Span<byte>(mapped + offset, count) : standIn.Bytes(count);
        }
        return MemoryMarshal.CreateSpan(ref At(array, offset), count);
    }

    /// <summary>A part of the bytes as single-precision numbers; <paramref name="element"/> and <paramref name="count"/> count numbers.</summary>
    public Span<float> Floats(long element, int count)
    {
        // Not a cast of a byte span: two billion bytes would be its limit.
        Bytes(element * sizeof(float), 0);
        if (count < 0 || (element + count) * sizeof(float) > Length)
            throw new ArgumentOutOfRangeException(nameof(count), $"{element} + {count} numbers lie outside of {Length} bytes.");
        if (array is null)
            return standIn is null ? new Span<float>(mapped + element * sizeof(float), count) : standIn.Floats(count);
        return MemoryMarshal.CreateSpan(ref Unsafe.As<byte, float>(ref At(array, element * sizeof(float))), count);
    }

    /// <summary>Asks for pieces of the bytes to be brought into the first cache, without waiting for them.</summary>
    /// <param name="offset">Where the first begins.</param>
    /// <param name="length">The bytes of each.</param>
    /// <param name="apart">From one to the next.</param>
    /// <param name="count">How many.</param>
    internal void Prefetch(long offset, int length, long apart, int count)
    {
        if (!Sse.IsSupported || length <= 0 || count <= 0 || offset + (count - 1) * apart + length > Length)
            return;
        fixed (byte* first = Bytes(offset, length))
        {
            for (byte* piece = first, end = first + count * apart; piece < end; piece += apart)
            {
                for (byte* line = piece; line < piece + length; line += CacheLine.Size)
                    Sse.Prefetch0(line);
            }
        }
    }

    private ref byte At(CacheLine[] array, long offset) =>
        ref Unsafe.AddByteOffset(ref Unsafe.As<CacheLine, byte>(ref MemoryMarshal.GetArrayDataReference(array)), start + (nint)offset);

    [StructLayout(LayoutKind.Sequential, Size = Size)]
    internal struct CacheLine
    {
        public const int Size = 64;
    }
}
