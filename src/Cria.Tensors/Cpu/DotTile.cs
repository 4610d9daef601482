using System.Runtime.CompilerServices;
using Cria.Tensors.Quantization;

namespace Cria.Tensors;

/// <summary>The dot products of up to three rows with up to four others, all at once: each vector that is loaded is used several times.</summary>
internal static class DotTile
{
    /// <summary>c(i, j) = Σₖ a(i, k) · b(j, k), or += it; rows of a are <paramref name="aStride"/> numbers apart, those of b <paramref name="bStride"/>.</summary>
    /// <remarks>With each vector a line is asked for that will be read later: <paramref name="ahead"/> bytes behind a, and from one to the next <paramref name="aheadStep"/> further.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TLanes, TVector, TRows, TOthers, TFloat>(
        ref byte a, nuint aStride, ref float b, nuint bStride, int terms, ref float c, nuint iStride, nuint jStride, bool add, int ahead, int aheadStep)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TRows : struct, ITileRows
        where TOthers : struct, ITileRows
        where TFloat : struct, IFloat
    {
        TVector s00 = default, s01 = default, s02 = default, s03 = default;
        TVector s10 = default, s11 = default, s12 = default, s13 = default;
        TVector s20 = default, s21 = default, s22 = default, s23 = default;
        nuint k = 0, width = (nuint)TLanes.Count, length = (nuint)terms;
        for (; k + width <= length; k += width)
        {
            Simd.Prefetch(ref a, ahead, 1);
            ahead += aheadStep;
            TVector a0 = Floats<TFloat>.Load<TLanes, TVector>(in a, k), a1 = default, a2 = default;
            if (TRows.Count > 1)
                a1 = Floats<TFloat>.Load<TLanes, TVector>(in a, aStride + k);
            if (TRows.Count > 2)
                a2 = Floats<TFloat>.Load<TLanes, TVector>(in a, 2 * aStride + k);

            var other = TLanes.Load(ref b, k);
            Add<TLanes, TVector, TRows>(a0, a1, a2, other, ref s00, ref s10, ref s20);
            if (TOthers.Count > 1)
            {
                other = TLanes.Load(ref b, bStride + k);
                Add<TLanes, TVector, TRows>(a0, a1, a2, other, ref s01, ref s11, ref s21);
            }
            if (TOthers.Count > 2)
            {
                other = TLanes.Load(ref b, 2 * bStride + k);
                Add<TLanes, TVector, TRows>(a0, a1, a2, other, ref s02, ref s12, ref s22);
                other = TLanes.Load(ref b, 3 * bStride + k);
                Add<TLanes, TVector, TRows>(a0, a1, a2, other, ref s03, ref s13, ref s23);
            }
        }

        // Nothing is called while the sums live: they would leave their registers in every step of the loop.
        Put<TLanes, TVector, TOthers>(s00, s01, s02, s03, ref c, jStride, add);
        if (TRows.Count > 1)
            Put<TLanes, TVector, TOthers>(s10, s11, s12, s13, ref Unsafe.Add(ref c, iStride), jStride, add);
        if (TRows.Count > 2)
            Put<TLanes, TVector, TOthers>(s20, s21, s22, s23, ref Unsafe.Add(ref c, 2 * iStride), jStride, add);
        if (k < length)
            AddRest<TFloat>(ref Unsafe.AddByteOffset(ref a, k * (nuint)TFloat.Size), aStride, TRows.Count, ref Unsafe.Add(ref b, k), bStride, TOthers.Count, length - k, ref c, iStride, jStride);
    }

    // Every sum is assigned by itself: of tuples the JIT makes copies.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TLanes, TVector, TRows>(
        TVector a0, TVector a1, TVector a2, TVector other, ref TVector s0, ref TVector s1, ref TVector s2)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TRows : struct, ITileRows
    {
        s0 = TLanes.MultiplyAdd(a0, other, s0);
        if (TRows.Count > 1)
            s1 = TLanes.MultiplyAdd(a1, other, s1);
        if (TRows.Count > 2)
            s2 = TLanes.MultiplyAdd(a2, other, s2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes, TVector, TOthers>(TVector s0, TVector s1, TVector s2, TVector s3, ref float c, nuint jStride, bool add)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TOthers : struct, ITileRows
    {
        PutOne(TLanes.Sum(s0), ref c, add);
        if (TOthers.Count > 1)
            PutOne(TLanes.Sum(s1), ref Unsafe.Add(ref c, jStride), add);
        if (TOthers.Count > 2)
        {
            PutOne(TLanes.Sum(s2), ref Unsafe.Add(ref c, 2 * jStride), add);
            PutOne(TLanes.Sum(s3), ref Unsafe.Add(ref c, 3 * jStride), add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutOne(float sum, ref float c, bool add) => c = add ? c + sum : sum;

    // What is less than a vector at the end of the rows.
    private static void AddRest<TFloat>(
        ref byte a, nuint aStride, int rows, ref float b, nuint bStride, int others, nuint terms, ref float c, nuint iStride, nuint jStride)
        where TFloat : struct, IFloat
    {
        for (nuint i = 0; i < (nuint)rows; i++)
        {
            for (nuint j = 0; j < (nuint)others; j++)
            {
                for (nuint k = 0; k < terms; k++)
                    Unsafe.Add(ref c, i * iStride + j * jStride) += Floats<TFloat>.Number(in a, i * aStride + k) * Unsafe.Add(ref b, j * bStride + k);
            }
        }
    }
}
