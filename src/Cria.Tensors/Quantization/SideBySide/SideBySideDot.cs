using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>y(n, j) = Σₖ x(n, k) · w(j, k) for eight rows j that lie side by side, and one to four or eight rows n, in one pass over the weights.</summary>
/// <remarks>Each part's sum runs in integers, Σ n·(q − m) exactly; then y += a·s · it, + b·s · Σ n. A lane is an output, so nothing depends on how many are computed together.</remarks>
internal static partial class SideBySideDot<TGroup>
    where TGroup : struct, IRowGroup
{
    // Far enough that memory answers in time, near enough to stay in the first cache until then.
    private const int PrefetchBytes = 2_048;

    /// <summary>One to four rows.</summary>
    // Not inlined: four of these in one method are more than the compiler takes care of.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TActivations>(ref byte group, ref float x, int xStride, int columns, ref float y, int yStride)
        where TActivations : struct, ITileRows
    {
        Vector256<float> y0 = default, y1 = default, y2 = default, y3 = default;
        nuint stride = (nuint)xStride;
        for (int column = 0; column < columns; column += TGroup.Length)
        {
            TGroup.Units(in group, out var scale, out var offset);
            for (int part = 0; part < TGroup.Length / TGroup.Part; part++)
            {
                Simd.Prefetch(ref Unsafe.Add(ref group, part * PartBytes), PrefetchBytes, PartBytes);
                ref float numbers = ref Unsafe.Add(ref x, ChunkOf(part));
                nuint half = HalfOf(part);
                Vector256<int> s0 = Start(ref numbers, 0, half), s1 = default, s2 = default, s3 = default;
                if (TActivations.Count > 1)
                    s1 = Start(ref numbers, stride, half);
                if (TActivations.Count > 2)
                    s2 = Start(ref numbers, 2 * stride, half);
                if (TActivations.Count > 3)
                    s3 = Start(ref numbers, 3 * stride, half);

                nuint step = (nuint)(part * (TGroup.Part / 8));
                ref int pairs = ref Unsafe.As<float, int>(ref Unsafe.Add(ref numbers, 8 * half));
                (s0, s1, s2, s3) = AddStep<TActivations>(in group, step, ref pairs, stride, s0, s1, s2, s3);
                (s0, s1, s2, s3) = AddStep<TActivations>(in group, step + 1, ref Unsafe.Add(ref pairs, 4), stride, s0, s1, s2, s3);
                if (TGroup.Part == WideActivations.Length)
                {
                    (s0, s1, s2, s3) = AddStep<TActivations>(in group, step + 2, ref Unsafe.Add(ref pairs, 8), stride, s0, s1, s2, s3);
                    (s0, s1, s2, s3) = AddStep<TActivations>(in group, step + 3, ref Unsafe.Add(ref pairs, 12), stride, s0, s1, s2, s3);
                }

                if (TActivations.Count == 1)
                    s0 += s1;
                Vector256<float> scales = TGroup.Scales(in group, part, scale), offsets = TGroup.Offsets(in group, part, offset);
                y0 = Scale(s0, scales, offsets, ref numbers, half, y0);
                if (TActivations.Count > 1)
                    y1 = Scale(s1, scales, offsets, ref Unsafe.Add(ref numbers, stride), half, y1);
                if (TActivations.Count > 2)
                    y2 = Scale(s2, scales, offsets, ref Unsafe.Add(ref numbers, 2 * stride), half, y2);
                if (TActivations.Count > 3)
                    y3 = Scale(s3, scales, offsets, ref Unsafe.Add(ref numbers, 3 * stride), half, y3);
            }
            group = ref Unsafe.Add(ref group, SideBySide.Rows * TGroup.Size);
            x = ref Unsafe.Add(ref x, TGroup.Length);
        }

        y0.StoreUnsafe(ref y);
        if (TActivations.Count > 1)
            y1.StoreUnsafe(ref y, (nuint)yStride);
        if (TActivations.Count > 2)
            y2.StoreUnsafe(ref y, 2 * (nuint)yStride);
        if (TActivations.Count > 3)
            y3.StoreUnsafe(ref y, 3 * (nuint)yStride);
    }

    private static int PartBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => SideBySide.Rows * TGroup.Size / (TGroup.Length / TGroup.Part);
    }

    // Where a part is 16, two share a chunk of 32 activations.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint ChunkOf(int part) => (nuint)part * (nuint)TGroup.Part / WideActivations.Length * WideActivations.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint HalfOf(int part) => TGroup.Part < WideActivations.Length ? (nuint)part % 2 : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Start(ref float numbers, nuint row, nuint half) => WideActivations.PartStart(ref Unsafe.Add(ref numbers, row), half);

    // Eight columns, for every row of activations.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<int>, Vector256<int>, Vector256<int>, Vector256<int>) AddStep<TActivations>(
        ref readonly byte group, nuint step, ref int pairs, nuint stride, Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3)
        where TActivations : struct, ITileRows
    {
        TGroup.Codes(in group, step, out var a, out var b, out var c, out var d);
        if (TActivations.Count == 1)
            return (Pair(b, ref pairs, 1, Pair(a, ref pairs, 0, s0)), Pair(d, ref pairs, 3, Pair(c, ref pairs, 2, s1)), s2, s3);
        s0 = Add(a, b, c, d, ref pairs, s0);
        if (TActivations.Count > 1)
            s1 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, stride), s1);
        if (TActivations.Count > 2)
            s2 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, 2 * stride), s2);
        if (TActivations.Count > 3)
            s3 = Add(a, b, c, d, ref Unsafe.Add(ref pairs, 3 * stride), s3);
        return (s0, s1, s2, s3);
    }

    // Σ of q · n, a pair at a time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<short> a, Vector256<short> b, Vector256<short> c, Vector256<short> d, ref int pairs, Vector256<int> sum) =>
        Pair(d, ref pairs, 3, Pair(c, ref pairs, 2, Pair(b, ref pairs, 1, Pair(a, ref pairs, 0, sum))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Pair(Vector256<short> codes, ref int pairs, int index, Vector256<int> sum) =>
        Lanes256.DotPairs(codes.AsSingle(), Vector256.Create(Unsafe.Add(ref pairs, index)).AsSingle(), sum.AsSingle()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Scale(Vector256<int> sum, Vector256<float> scales, Vector256<float> offsets, ref float numbers, nuint half, Vector256<float> y)
    {
        y = Lanes256.MultiplyAdd(Vector256.ConvertToSingle(sum), scales * WideActivations.Scale(ref numbers), y);
        return TGroup.HasOffsets ? Lanes256.MultiplyAdd(offsets, WideActivations.PartSum(ref numbers, half), y) : y;
    }
}
