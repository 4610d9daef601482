using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>A format made of its codec: loops over steps, in the widest vectors of this processor.</summary>
internal class BlockFormat<TCodec>(SideBySide? sideBySide = null) : BlockFormat
    where TCodec : struct, ICodec
{
    private const int LongStep = 256;

    // Far enough that memory answers in time, near enough to stay in the first cache until then; measured among 512 to 4,096.
    private const int PrefetchBytes = 2_048;

    public sealed override int BlockLength => TCodec.BlockLength;

    public sealed override long Bytes(long elements) => TCodec.Bytes(elements);

    public sealed override SideBySide? SideBySide => sideBySide;

    public sealed override void Read(Storage from, long element, Span<float> to)
    {
        if (from.RowLength > 0)
        {
            sideBySide!.Read(from, element, to);
            return;
        }
        ref byte tensor = ref Start(from, element, to.Length);
        if (Vector512.IsHardwareAccelerated)
            Read<Lanes512, Vector512<float>>(ref tensor, element, to);
        else if (Vector256.IsHardwareAccelerated)
            Read<Lanes256, Vector256<float>>(ref tensor, element, to);
        else
            Read<Lanes128, Vector128<float>>(ref tensor, element, to);
    }

    public sealed override int IntegerPart => TCodec.IntegerPart;

    public sealed override bool HasOffsets => TCodec.HasOffsets;

    public sealed override void ReadIntegers(Storage from, long element, Span<short> codes, Span<float> scales, Span<float> offsets)
    {
        ref byte tensor = ref Start(from, element, codes.Length);
        for (int i = 0; i < codes.Length; i += TCodec.BlockLength)
        {
            int part = i / TCodec.IntegerPart;
            TCodec.ReadIntegers(in tensor, (nuint)(element + i), ref codes[i..][0], ref scales[part..][0], ref offsets[part..][0]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public sealed override void Arrange(ReadOnlySpan<float> x, Span<float> arranged)
    {
        int i = 0;
        for (; i + TCodec.Step <= x.Length; i += TCodec.Step)
            TCodec.Arrange(x.Slice(i, TCodec.Step), arranged.Slice(i, TCodec.Step));
        x[i..].CopyTo(arranged[i..]);
    }

    public sealed override void Dot(Storage from, long element, ReadOnlySpan<float> arranged, Span<float> y)
    {
        ref byte tensor = ref Start(from, element, (long)arranged.Length * y.Length);
        if (Vector512.IsHardwareAccelerated)
            Dot<Lanes512, Vector512<float>>(ref tensor, element, arranged, y);
        else if (Vector256.IsHardwareAccelerated)
            Dot<Lanes256, Vector256<float>>(ref tensor, element, arranged, y);
        else
            Dot<Lanes128, Vector128<float>>(ref tensor, element, arranged, y);
    }

    public sealed override void Write(ReadOnlySpan<float> from, Storage to, long element)
    {
        ref byte tensor = ref Start(to, element, from.Length);
        for (int i = 0; i < from.Length; i += TCodec.BlockLength)
            TCodec.Write(from.Slice(i, Math.Min(TCodec.BlockLength, from.Length - i)), ref tensor, (nuint)element + (nuint)i);
    }

    // Internal, not private: the tests call every width by name.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Read<TLanes, TVector>(ref byte tensor, long element, Span<float> to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref float start = ref MemoryMarshal.GetReference(to);
        nuint at = (nuint)element, length = (nuint)to.Length, step = (nuint)TCodec.Step, i = 0;
        for (; i + step <= length; i += step)
        {
            if (TCodec.IsSequence && i % 64 == 0)
                Simd.Prefetch(ref Unsafe.AddByteOffset(ref tensor, (nuint)TCodec.Bytes((long)(at + i))), PrefetchBytes, (int)TCodec.Bytes(64));
            TCodec.Read<TLanes, TVector>(ref tensor, at + i, ref Unsafe.Add(ref start, i));
        }
        for (; i < length; i++)
            Unsafe.Add(ref start, i) = TCodec.Number(ref tensor, at + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Dot<TLanes, TVector>(ref byte tensor, long element, ReadOnlySpan<float> x, Span<float> y)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        // Where blocks follow one another, rows and steps are found by adding; elsewhere from the start of the tensor, with a division.
        nuint columns = (nuint)x.Length, rowBytes = TCodec.IsSequence ? (nuint)TCodec.Bytes(x.Length) : 0;
        nuint from = TCodec.IsSequence ? 0 : (nuint)element, rowNumbers = TCodec.IsSequence ? 0 : columns;
        ref byte row = ref TCodec.IsSequence ? ref Unsafe.AddByteOffset(ref tensor, (nuint)TCodec.Bytes(element)) : ref tensor;
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = Dot<TLanes, TVector>(ref row, from, ref MemoryMarshal.GetReference(x), columns);
            row = ref Unsafe.AddByteOffset(ref row, rowBytes);
            from += rowNumbers;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot<TLanes, TVector>(ref byte row, nuint from, ref float x, nuint length)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        nuint step = (nuint)TCodec.Step, i = 0;
        nuint bytes = TCodec.IsSequence ? (nuint)TCodec.Bytes(TCodec.Step) : 0, numbers = TCodec.IsSequence ? 0 : step;
        ref byte at = ref row;

        // Four running sums: with one, every step would wait for the one before it. A long step has sums of its own.
        TVector s0 = default, s1 = default, s2 = default, s3 = default;
        for (; TCodec.Step < LongStep && i + 4 * step <= length; i += 4 * step)
        {
            Simd.Prefetch(ref at, PrefetchBytes, 4 * (int)bytes);
            s0 = TCodec.Dot<TLanes, TVector>(ref at, from, ref Unsafe.Add(ref x, i), s0);
            s1 = TCodec.Dot<TLanes, TVector>(ref Unsafe.AddByteOffset(ref at, bytes), from + numbers, ref Unsafe.Add(ref x, i + step), s1);
            s2 = TCodec.Dot<TLanes, TVector>(ref Unsafe.AddByteOffset(ref at, 2 * bytes), from + 2 * numbers, ref Unsafe.Add(ref x, i + 2 * step), s2);
            s3 = TCodec.Dot<TLanes, TVector>(ref Unsafe.AddByteOffset(ref at, 3 * bytes), from + 3 * numbers, ref Unsafe.Add(ref x, i + 3 * step), s3);
            at = ref Unsafe.AddByteOffset(ref at, 4 * bytes);
            from += 4 * numbers;
        }
        for (; i + step <= length; i += step)
        {
            if (TCodec.Step >= LongStep)
                Simd.Prefetch(ref at, PrefetchBytes, (int)bytes);
            s0 = TCodec.Dot<TLanes, TVector>(ref at, from, ref Unsafe.Add(ref x, i), s0);
            at = ref Unsafe.AddByteOffset(ref at, bytes);
            from += numbers;
        }

        float sum = TLanes.Sum(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)));
        for (; i < length; i++)
        {
            sum += TCodec.Number(ref at, from) * Unsafe.Add(ref x, i);
            from++;
        }
        return sum;
    }

    private static ref byte Start(Storage storage, long element, long count)
    {
        if (storage.RowLength > 0)
            throw new InvalidOperationException("Eight rows lie side by side here: they are read by SideBySide alone.");
        if (element < 0 || TCodec.Bytes(element + count) > storage.Length)
            throw new ArgumentOutOfRangeException(nameof(element), $"{element} + {count} numbers lie outside of {storage.Length} bytes.");
        return ref MemoryMarshal.GetReference(storage.Bytes(0, 0));
    }
}
