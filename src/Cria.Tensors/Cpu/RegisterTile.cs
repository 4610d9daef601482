using System.Runtime.CompilerServices;

namespace Cria.Tensors;

/// <summary>How many rows a tile has: a type, so that each height is compiled by itself.</summary>
internal interface ITileRows
{
    static abstract int Count { get; }
}

internal readonly struct Rows1 : ITileRows { public static int Count => 1; }

internal readonly struct Rows2 : ITileRows { public static int Count => 2; }

internal readonly struct Rows3 : ITileRows { public static int Count => 3; }

internal readonly struct Rows4 : ITileRows { public static int Count => 4; }

internal readonly struct Rows6 : ITileRows { public static int Count => 6; }

internal readonly struct Rows8 : ITileRows { public static int Count => 8; }

internal readonly struct Rows12 : ITileRows { public static int Count => 12; }

/// <summary>A block of up to 12 rows and two vectors of columns of a product, held in registers while the sum runs.</summary>
/// <remarks>
/// Each output is one lane and takes its terms one after another, so the result does not depend on the vector width nor on the place of
/// the output in a tile. Six rows fill the 16 registers of AVX2, twelve the 32 of AVX-512 with room for the operands.
/// </remarks>
internal static class RegisterTile
{
    // A streams from the second cache: it is asked for so far ahead, mostly in the next panel. B stays in the first.
    private const int AheadBytes = 4_096;

    /// <summary>c = A B, or c += A B, from panels as <typeparamref name="TTerms"/> packs them: tiles below one another, which read the same panel of B.</summary>
    /// <param name="a">Tile by tile, each part by part: its head, then its steps.</param>
    /// <param name="aStride">From one step of A to the next, and the width of a line of its head.</param>
    /// <param name="b">Part by part, as A; each line is two vectors wide.</param>
    /// <param name="tiles">How many tiles.</param>
    /// <param name="parts">How many times the sum of a tile runs and is put.</param>
    /// <param name="steps">The steps of a part.</param>
    /// <param name="c">The first row; the others are <paramref name="cStride"/> apart.</param>
    /// <param name="cStride">See there.</param>
    /// <param name="add">Whether the first part is added too.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TLanes, TVector, TRows, TTerms>(
        ref float a, nuint aStride, ref float b, int tiles, int parts, int steps, ref float c, nuint cStride, bool add)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TRows : struct, ITileRows
        where TTerms : struct, ITerms
    {
        // Where panels of A are as wide as a tile, all steps lie at places that are known when this is compiled.
        bool known = aStride == (nuint)TRows.Count;
        for (; tiles > 0; tiles--)
        {
            // The rows of C lie pages apart, and are wanted when the sum is done: by then they are there.
            for (nuint i = 0; i < (nuint)TRows.Count; i++)
                Simd.Prefetch(ref Unsafe.Add(ref c, i * cStride), 0, 2 * TLanes.Count * sizeof(float));
            ref float right = ref b;
            bool addPart = add;
            for (int part = 0; part < parts; part++)
            {
                ref float aHead = ref a, bHead = ref right;
                a = ref Unsafe.Add(ref a, (nuint)TTerms.HeadLines * aStride);
                right = ref Unsafe.Add(ref right, TTerms.HeadLines * 2 * TLanes.Count);

                // Row i is (ci, di). Rows above the count are never touched, and the JIT drops them.
                TVector c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default;
                TVector c6 = default, c7 = default, c8 = default, c9 = default, c10 = default, c11 = default;
                TVector d0 = default, d1 = default, d2 = default, d3 = default, d4 = default, d5 = default;
                TVector d6 = default, d7 = default, d8 = default, d9 = default, d10 = default, d11 = default;
                int step = steps;
                // Every instruction besides the sums costs: where two threads share a core, each starts three in a cycle, and a step has 20 for 6 cycles of sums.
                for (; known && step >= 4; step -= 4)
                {
                    Simd.Prefetch(ref a, AheadBytes, 4 * TRows.Count * sizeof(float));
                    Step<TLanes, TVector, TRows, TTerms>(
                        ref a, 0, ref right, 0,
                        ref c0, ref d0, ref c1, ref d1, ref c2, ref d2, ref c3, ref d3, ref c4, ref d4, ref c5, ref d5,
                        ref c6, ref d6, ref c7, ref d7, ref c8, ref d8, ref c9, ref d9, ref c10, ref d10, ref c11, ref d11);
                    Step<TLanes, TVector, TRows, TTerms>(
                        ref a, TRows.Count, ref right, 2 * TLanes.Count,
                        ref c0, ref d0, ref c1, ref d1, ref c2, ref d2, ref c3, ref d3, ref c4, ref d4, ref c5, ref d5,
                        ref c6, ref d6, ref c7, ref d7, ref c8, ref d8, ref c9, ref d9, ref c10, ref d10, ref c11, ref d11);
                    Step<TLanes, TVector, TRows, TTerms>(
                        ref a, 2 * TRows.Count, ref right, 4 * TLanes.Count,
                        ref c0, ref d0, ref c1, ref d1, ref c2, ref d2, ref c3, ref d3, ref c4, ref d4, ref c5, ref d5,
                        ref c6, ref d6, ref c7, ref d7, ref c8, ref d8, ref c9, ref d9, ref c10, ref d10, ref c11, ref d11);
                    Step<TLanes, TVector, TRows, TTerms>(
                        ref a, 3 * TRows.Count, ref right, 6 * TLanes.Count,
                        ref c0, ref d0, ref c1, ref d1, ref c2, ref d2, ref c3, ref d3, ref c4, ref d4, ref c5, ref d5,
                        ref c6, ref d6, ref c7, ref d7, ref c8, ref d8, ref c9, ref d9, ref c10, ref d10, ref c11, ref d11);
                    a = ref Unsafe.Add(ref a, 4 * TRows.Count);
                    right = ref Unsafe.Add(ref right, 8 * TLanes.Count);
                }
                for (; step > 0; step--)
                {
                    Step<TLanes, TVector, TRows, TTerms>(
                        ref a, 0, ref right, 0,
                        ref c0, ref d0, ref c1, ref d1, ref c2, ref d2, ref c3, ref d3, ref c4, ref d4, ref c5, ref d5,
                        ref c6, ref d6, ref c7, ref d7, ref c8, ref d8, ref c9, ref d9, ref c10, ref d10, ref c11, ref d11);
                    a = ref Unsafe.Add(ref a, aStride);
                    right = ref Unsafe.Add(ref right, 2 * TLanes.Count);
                }

                TTerms.Put<TLanes, TVector>(c0, d0, ref aHead, aStride, ref bHead, ref c, addPart);
                if (TRows.Count > 1)
                    TTerms.Put<TLanes, TVector>(c1, d1, ref Unsafe.Add(ref aHead, 1), aStride, ref bHead, ref Unsafe.Add(ref c, cStride), addPart);
                if (TRows.Count > 2)
                {
                    TTerms.Put<TLanes, TVector>(c2, d2, ref Unsafe.Add(ref aHead, 2), aStride, ref bHead, ref Unsafe.Add(ref c, 2 * cStride), addPart);
                    TTerms.Put<TLanes, TVector>(c3, d3, ref Unsafe.Add(ref aHead, 3), aStride, ref bHead, ref Unsafe.Add(ref c, 3 * cStride), addPart);
                }
                if (TRows.Count > 4)
                {
                    TTerms.Put<TLanes, TVector>(c4, d4, ref Unsafe.Add(ref aHead, 4), aStride, ref bHead, ref Unsafe.Add(ref c, 4 * cStride), addPart);
                    TTerms.Put<TLanes, TVector>(c5, d5, ref Unsafe.Add(ref aHead, 5), aStride, ref bHead, ref Unsafe.Add(ref c, 5 * cStride), addPart);
                }
                if (TRows.Count > 6)
                {
                    TTerms.Put<TLanes, TVector>(c6, d6, ref Unsafe.Add(ref aHead, 6), aStride, ref bHead, ref Unsafe.Add(ref c, 6 * cStride), addPart);
                    TTerms.Put<TLanes, TVector>(c7, d7, ref Unsafe.Add(ref aHead, 7), aStride, ref bHead, ref Unsafe.Add(ref c, 7 * cStride), addPart);
                }
                if (TRows.Count > 8)
                {
                    TTerms.Put<TLanes, TVector>(c8, d8, ref Unsafe.Add(ref aHead, 8), aStride, ref bHead, ref Unsafe.Add(ref c, 8 * cStride), addPart);
                    TTerms.Put<TLanes, TVector>(c9, d9, ref Unsafe.Add(ref aHead, 9), aStride, ref bHead, ref Unsafe.Add(ref c, 9 * cStride), addPart);
                    TTerms.Put<TLanes, TVector>(c10, d10, ref Unsafe.Add(ref aHead, 10), aStride, ref bHead, ref Unsafe.Add(ref c, 10 * cStride), addPart);
                    TTerms.Put<TLanes, TVector>(c11, d11, ref Unsafe.Add(ref aHead, 11), aStride, ref bHead, ref Unsafe.Add(ref c, 11 * cStride), addPart);
                }
                addPart = true;
            }
            c = ref Unsafe.Add(ref c, (nuint)TRows.Count * cStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TLanes, TVector, TRows, TTerms>(
        ref float a, int aAt, ref float b, int bAt,
        ref TVector c0, ref TVector d0, ref TVector c1, ref TVector d1, ref TVector c2, ref TVector d2, ref TVector c3, ref TVector d3,
        ref TVector c4, ref TVector d4, ref TVector c5, ref TVector d5, ref TVector c6, ref TVector d6, ref TVector c7, ref TVector d7,
        ref TVector c8, ref TVector d8, ref TVector c9, ref TVector d9, ref TVector c10, ref TVector d10, ref TVector c11, ref TVector d11)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TRows : struct, ITileRows
        where TTerms : struct, ITerms
    {
        TVector b0 = TLanes.Load(ref b, (nuint)bAt), b1 = TLanes.Load(ref b, (nuint)(bAt + TLanes.Count));
        AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt), b0, b1, ref c0, ref d0);
        if (TRows.Count > 1)
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 1), b0, b1, ref c1, ref d1);
        if (TRows.Count > 2)
        {
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 2), b0, b1, ref c2, ref d2);
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 3), b0, b1, ref c3, ref d3);
        }
        if (TRows.Count > 4)
        {
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 4), b0, b1, ref c4, ref d4);
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 5), b0, b1, ref c5, ref d5);
        }
        if (TRows.Count > 6)
        {
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 6), b0, b1, ref c6, ref d6);
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 7), b0, b1, ref c7, ref d7);
        }
        if (TRows.Count > 8)
        {
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 8), b0, b1, ref c8, ref d8);
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 9), b0, b1, ref c9, ref d9);
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 10), b0, b1, ref c10, ref d10);
            AddRow<TLanes, TVector, TTerms>(Unsafe.Add(ref a, aAt + 11), b0, b1, ref c11, ref d11);
        }
    }

    // Every sum is assigned by itself: of pairs assigned at once the JIT makes copies, as many as there are products.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TLanes, TVector, TTerms>(float a, TVector b0, TVector b1, ref TVector c, ref TVector d)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TTerms : struct, ITerms
    {
        var x = TLanes.Splat(a);
        c = TTerms.Add<TLanes, TVector>(x, b0, c);
        d = TTerms.Add<TLanes, TVector>(x, b1, d);
    }
}
