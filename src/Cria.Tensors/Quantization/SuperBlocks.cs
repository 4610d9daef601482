using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>Reading and multiplying the blocks of any <see cref="ISuperBlock"/>: Σ (a·q + b)·x = Σ over parts of a·Σ q·x + b·Σ x.</summary>
/// <remarks>
/// x is rounded to 16-bit integers as in <see cref="WideActivations"/>. In 256 floats: the shorts fill the first 128, then follow the
/// scale of each part and Σ x of each part, in 16 floats each.
/// </remarks>
internal readonly struct SuperBlocks<TBlock> : ICodec
    where TBlock : struct, ISuperBlock
{
    private const int Length = SuperBlock.Length, MostParts = 16, ScalesAt = Length / 2, SumsAt = ScalesAt + MostParts;

    public static int BlockLength => Length;

    public static int Step => Length;

    public static long Bytes(long elements) => checked((elements + Length - 1) / Length * TBlock.Size);

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        Unsafe.SkipInit(out Unpacked unpacked);
        unpacked.Load(in Block(in tensor, element));
        for (int part = 0; part < Length / TBlock.Part; part++)
        {
            var (a, b) = (TLanes.Splat(Unsafe.Add(ref unpacked.Scale, part)), TLanes.Splat(Unsafe.Add(ref unpacked.Offset, part)));
            for (int i = part * TBlock.Part; i < (part + 1) * TBlock.Part; i += TLanes.Count)
            {
                var product = TLanes.Multiply(a, TLanes.LoadSBytes(in Unsafe.Add(ref unpacked.Code, i)));
                TLanes.Store(TBlock.HasOffsets ? TLanes.Add(product, b) : product, ref to, (nuint)i);
            }
        }
    }

    public static void Arrange(ReadOnlySpan<float> x, Span<float> arranged)
    {
        var numbers = MemoryMarshal.Cast<float, short>(arranged)[..Length];
        Span<float> scales = arranged.Slice(ScalesAt, MostParts), sums = arranged.Slice(SumsAt, MostParts);
        sums.Clear();
        for (int i = 0; i < Length; i += WideActivations.Length)
        {
            float scale = WideActivations.Round(x.Slice(i, WideActivations.Length), numbers[i..]);
            for (int first = i; first < i + WideActivations.Length; first += TBlock.Part)
            {
                scales[first / TBlock.Part] = scale;
                sums[first / TBlock.Part] = scale * WideActivations.Sum(numbers.Slice(first, TBlock.Part));
            }
        }
    }

    // Not inlined: it is long, and is called once for 256 numbers.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        Unsafe.SkipInit(out Unpacked unpacked);
        unpacked.Load(in Block(in tensor, element));
        ref float start = ref Unsafe.AsRef(in x), scale = ref unpacked.Scale;
        for (nuint i = 0; i < (nuint)(Length / TBlock.Part); i += 8)
            (Vector256.LoadUnsafe(ref scale, i) * Vector256.LoadUnsafe(ref start, ScalesAt + i)).StoreUnsafe(ref scale, i);
        for (int i = 0; TBlock.HasOffsets && i < Length / TBlock.Part; i += TLanes.Count)
            sum = TLanes.MultiplyAdd(TLanes.Load(in unpacked.Offset, (nuint)i), TLanes.Load(in start, (nuint)(SumsAt + i)), sum);

        TVector other = default;
        for (nuint i = 0; i < Length; i += 2 * WideActivations.Length)
        {
            sum = DotPart<TLanes, TVector>(ref unpacked, i, in WideActivations.Numbers(in x), sum);
            other = DotPart<TLanes, TVector>(ref unpacked, i + WideActivations.Length, in WideActivations.Numbers(in x), other);
        }
        return TLanes.Add(sum, other);
    }

    [SkipLocalsInit]
    public static float Number(ref readonly byte tensor, nuint element)
    {
        Unsafe.SkipInit(out Unpacked unpacked);
        unpacked.Load(in Block(in tensor, element));
        int i = (int)(element % Length);
        float product = Unsafe.Add(ref unpacked.Scale, i / TBlock.Part) * (sbyte)Unsafe.Add(ref unpacked.Code, i);
        return TBlock.HasOffsets ? product + Unsafe.Add(ref unpacked.Offset, i / TBlock.Part) : product;
    }

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element) => TBlock.Write(from, ref Block(in tensor, element));

    // 32 numbers, which are one part or two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector DotPart<TLanes, TVector>(ref Unpacked unpacked, nuint i, ref readonly short numbers, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte codes = ref Unsafe.Add(ref unpacked.Code, i);
        ref short x = ref Unsafe.Add(ref Unsafe.AsRef(in numbers), i);
        ref float scale = ref Unsafe.Add(ref unpacked.Scale, i / (nuint)TBlock.Part);
        return TBlock.Part == WideActivations.Length
            ? TLanes.MultiplyAdd(TLanes.Splat(scale), TLanes.DotSBytes(in codes, in x), sum)
            : TLanes.DotSBytes(in codes, in x, scale, Unsafe.Add(ref scale, 1), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Block(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element / Length * (nuint)TBlock.Size);

    /// <summary>A block as whole numbers and floats.</summary>
    private struct Unpacked
    {
        private CodeBytes codes;
        private PartFloats scales, offsets;

        [UnscopedRef]
        public ref byte Code => ref Unsafe.As<CodeBytes, byte>(ref codes);

        [UnscopedRef]
        public ref float Scale => ref Unsafe.As<PartFloats, float>(ref scales);

        [UnscopedRef]
        public ref float Offset => ref Unsafe.As<PartFloats, float>(ref offsets);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Load(ref readonly byte block)
        {
            TBlock.Unpack(in block, ref Unsafe.As<byte, sbyte>(ref Code));
            TBlock.Scales(in block, ref Scale, ref Offset);
        }
    }

    [StructLayout(LayoutKind.Sequential, Size = Length)]
    private struct CodeBytes;

    [StructLayout(LayoutKind.Sequential, Size = MostParts * sizeof(float))]
    private struct PartFloats;
}
