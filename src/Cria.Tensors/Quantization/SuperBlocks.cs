using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>Reading and multiplying the blocks of any <see cref="ISuperBlock"/>: Σ (a·(q − m) + b)·x = Σ over parts of a·Σ q·x + (b − a·m)·Σ x.</summary>
/// <remarks>
/// x is rounded to 16-bit integers as in <see cref="WideActivations"/>, and split. In 256 floats: the shorts fill the first 128, then follow
/// the scale of each part and Σ x of each part, in 16 floats each.
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

    public static int IntegerPart => TBlock.Part;

    public static bool HasOffsets => TBlock.HasOffsets;

    [SkipLocalsInit]
    public static void ReadIntegers(ref readonly byte tensor, nuint element, ref short codes, ref float scales, ref float offsets)
    {
        Unsafe.SkipInit(out Unpacked unpacked);
        unpacked.Load(in Block(in tensor, element));
        for (nuint i = 0; i < Length; i += 32)
            SignedBytes.Widen(Vector256.LoadUnsafe(ref unpacked.Code, i).AsSByte(), ref Unsafe.Add(ref codes, i));
        for (int part = 0; part < Length / TBlock.Part; part++)
            (Unsafe.Add(ref scales, part), Unsafe.Add(ref offsets, part)) = (Unsafe.Add(ref unpacked.Scale, part), Unsafe.Add(ref unpacked.Offset, part));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
            WideActivations.Split(numbers.Slice(i, WideActivations.Length));
        }
    }

    // Not inlined: it is long, and is called once for 256 numbers.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        ref float start = ref Unsafe.AsRef(in x);
        Unsafe.SkipInit(out PartFloats floats);
        ref float scales = ref Unsafe.As<PartFloats, float>(ref floats);
        TBlock.Scales(in block, out var a, out var nextA);
        Offsets(in block, a, nextA, out var b, out var nextB);
        (a * Vector256.LoadUnsafe(ref start, ScalesAt)).StoreUnsafe(ref scales);
        var offset = b * Vector256.LoadUnsafe(ref start, SumsAt);
        if (TBlock.Part < WideActivations.Length)
        {
            (nextA * Vector256.LoadUnsafe(ref start, ScalesAt + 8)).StoreUnsafe(ref scales, 8);
            offset += nextB * Vector256.LoadUnsafe(ref start, SumsAt + 8);
        }
        sum = TLanes.AddEight(offset, sum);
        ref readonly short numbers = ref WideActivations.Numbers(in x);
        sum = DotHalf<TLanes, TVector>(in block, 0, ref scales, in numbers, sum);
        return DotHalf<TLanes, TVector>(in block, 1, ref scales, in numbers, sum);
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

    // What Σ x is multiplied with: the codes are read without their sign.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Offsets(ref readonly byte block, Vector256<float> a, Vector256<float> nextA, out Vector256<float> b, out Vector256<float> nextB)
    {
        if (TBlock.HasOffsets)
            TBlock.Offsets(in block, out b, out nextB);
        else
            (b, nextB) = (a * -TBlock.Middle, nextA * -TBlock.Middle);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector DotHalf<TLanes, TVector>(ref readonly byte block, nuint half, ref float scales, ref readonly short numbers, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TBlock.Codes(in block, half, out var first, out var second, out var third, out var fourth);
        ref short x = ref Unsafe.Add(ref Unsafe.AsRef(in numbers), half * Length / 2);
        ref float scale = ref Unsafe.Add(ref scales, half * Length / 2 / (nuint)TBlock.Part);
        var other = DotPart<TLanes, TVector>(first, ref x, ref scale, 0, default);
        sum = DotPart<TLanes, TVector>(second, ref x, ref scale, 1, sum);
        other = DotPart<TLanes, TVector>(third, ref x, ref scale, 2, other);
        sum = DotPart<TLanes, TVector>(fourth, ref x, ref scale, 3, sum);
        return TLanes.Add(sum, other);
    }

    // 32 numbers, which are one part or two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector DotPart<TLanes, TVector>(Vector256<byte> codes, ref short numbers, ref float scales, nuint i, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref short x = ref Unsafe.Add(ref numbers, i * WideActivations.Length);
        ref float scale = ref Unsafe.Add(ref scales, i * WideActivations.Length / (nuint)TBlock.Part);
        return TBlock.Part == WideActivations.Length
            ? TLanes.MultiplyAdd(TLanes.Splat(scale), TLanes.DotBytes(codes, in x), sum)
            : TLanes.DotBytes(codes, in x, scale, Unsafe.Add(ref scale, 1), sum);
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
            for (nuint half = 0; half < 2; half++)
            {
                TBlock.Codes(in block, half, out var first, out var second, out var third, out var fourth);
                Store(first, 4 * half);
                Store(second, 4 * half + 1);
                Store(third, 4 * half + 2);
                Store(fourth, 4 * half + 3);
            }
            TBlock.Scales(in block, out var a, out var nextA);
            Offsets(in block, a, nextA, out var b, out var nextB);
            a.StoreUnsafe(ref Scale);
            nextA.StoreUnsafe(ref Scale, 8);
            b.StoreUnsafe(ref Offset);
            nextB.StoreUnsafe(ref Offset, 8);
        }

        // 32 codes, now with their sign.
        private void Store(Vector256<byte> numbers, nuint place) =>
            (numbers.AsSByte() - Vector256.Create((sbyte)TBlock.Middle)).StoreUnsafe(ref Unsafe.As<byte, sbyte>(ref Code), 32 * place);
    }

    [StructLayout(LayoutKind.Sequential, Size = Length)]
    private struct CodeBytes;

    [StructLayout(LayoutKind.Sequential, Size = MostParts * sizeof(float))]
    private struct PartFloats;
}
