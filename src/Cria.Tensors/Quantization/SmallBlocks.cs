using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>Reading and multiplying the blocks of any <see cref="ISmallBlock"/>: Σ (a·q + b)·x = a·Σ q·x + b·Σ x.</summary>
internal readonly struct SmallBlocks<TBlock> : ICodec
    where TBlock : struct, ISmallBlock
{
    private const int Length = 32;

    public static int BlockLength => Length;

    public static int Step => Length;

    public static long Bytes(long elements) => checked((elements + Length - 1) / Length * TBlock.Size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        TBlock.Unpack(in block, out var first, out var second);
        var codes = Vector256.Create(first, second);
        ref byte code = ref Unsafe.As<Vector256<sbyte>, byte>(ref codes);
        var a = TLanes.Splat(HalfBits.Read(in block));
        for (int i = 0; i < Length; i += TLanes.Count)
        {
            var product = TLanes.Multiply(a, TLanes.LoadSBytes(in Unsafe.Add(ref code, i)));
            TLanes.Store(TBlock.HasOffset ? TLanes.Add(product, TLanes.Splat(Offset(in block))) : product, ref to, (nuint)i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Arrange(ReadOnlySpan<float> x, Span<float> arranged)
    {
        if (TBlock.HasOffset)
            WideActivations.ArrangeWithSum(x, arranged);
        else
            WideActivations.Arrange(x, arranged);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref byte block = ref Block(in tensor, element);
        TBlock.Unpack(in block, out var first, out var second);
        var s = TLanes.DotSBytes(first, second, in WideActivations.Numbers(in x));
        sum = TLanes.MultiplyAdd(TLanes.Multiply(TLanes.SplatHalf(in block), TLanes.Splat(WideActivations.Scale(in x))), s, sum);
        return TBlock.HasOffset ? TLanes.Add(sum, TLanes.First(Offset(in block) * WideActivations.Sum(in x))) : sum;
    }

    public static int IntegerPart => Length;

    public static bool HasOffsets => TBlock.HasOffset;

    public static void ReadIntegers(ref readonly byte tensor, nuint element, ref short codes, ref float scales, ref float offsets)
    {
        ref byte block = ref Block(in tensor, element);
        TBlock.Unpack(in block, out var first, out var second);
        SignedBytes.Widen(Vector256.Create(first, second), ref codes);
        scales = HalfBits.Read(in block);
        if (TBlock.HasOffset)
            offsets = Offset(in block);
    }

    public static float Number(ref readonly byte tensor, nuint element)
    {
        ref byte block = ref Block(in tensor, element);
        TBlock.Unpack(in block, out var first, out var second);
        float product = HalfBits.Read(in block) * Vector256.Create(first, second)[(int)(element % Length)];
        return TBlock.HasOffset ? product + Offset(in block) : product;
    }

    public static void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element)
    {
        // What is missing of a short block is zero.
        Span<float> whole = stackalloc float[Length];
        whole.Clear();
        from.CopyTo(whole);
        TBlock.Write(whole, ref Block(in tensor, element));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Offset(ref readonly byte block) => HalfBits.Read(in Unsafe.Add(ref Unsafe.AsRef(in block), 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Block(ref readonly byte tensor, nuint element) =>
        ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in tensor), element / Length * (nuint)TBlock.Size);
}
