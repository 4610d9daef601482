using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Cria.Tensors.Quantization;

namespace Cria.Tensors;

/// <summary>C = A Bᵀ or C += A Bᵀ where one side has only a few rows: c(i, j) = Σₖ a(i, k) · b(j, k).</summary>
/// <remarks>
/// Packing would cost as much as it saves: the many rows are read once, three at a time, against four of the few, along their
/// length. The sum is taken in lanes, so the last bits depend on the vector width, and on nothing else.
/// </remarks>
internal static class ThinProduct
{
    /// <summary>Computes it, from the many rows as they are stored where they are floats.</summary>
    /// <param name="on">Where.</param>
    /// <param name="many">Any storage type.</param>
    /// <param name="few">f32, with as many columns.</param>
    /// <param name="c">f32: (many, few), or turned.</param>
    public static void Run(CpuBackend on, Tensor many, Tensor few, ProductTarget c)
    {
        if (many.Type == DataType.BF16)
            new ThinProduct<BF16>(on, many, few, c).Run();
        else if (many.Type == DataType.F16)
            new ThinProduct<F16>(on, many, few, c).Run();
        else
            new ThinProduct<F32>(on, many, few, c).Run();
    }
}

/// <summary>The many rows as floats of one kind: as they are stored, or, where that is in blocks, unpacked.</summary>
internal sealed class ThinProduct<TFloat>(CpuBackend on, Tensor many, Tensor few, ProductTarget c)
    where TFloat : struct, IFloat
{
    // 1024 terms of 3 + 4 rows are 28 KB: they fit the first cache.
    private const int Depth = 1_024, Strip = 3;

    private readonly int depth = many.Shape.Columns, fewRows = few.Shape.Rows, manyRows = many.Shape.Rows;
    private readonly bool unpacks = !many.Type.IsFloat;

    public void Run()
    {
        int rows = Math.Clamp(manyRows / (8 * on.Threads) / Strip * Strip, Strip, 32 * Strip);
        on.Workers.For((manyRows + rows - 1) / rows, part => Multiply(part * rows, Math.Min(rows, manyRows - part * rows)));
    }

    private void Multiply(int first, int count)
    {
        if (Vector512.IsHardwareAccelerated)
            Multiply<Lanes512, Vector512<float>>(first, count);
        else if (Vector256.IsHardwareAccelerated)
            Multiply<Lanes256, Vector256<float>>(first, count);
        else
            Multiply<Lanes128, Vector128<float>>(first, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Multiply<TLanes, TVector>(int first, int count)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        using var unpacked = new Scratch(unpacks ? Strip * Depth : 0);
        for (int i = first; i < first + count; i += Strip)
        {
            int rows = Math.Min(Strip, first + count - i);
            for (int k = 0; k < depth; k += Depth)
            {
                int terms = Math.Min(Depth, depth - k);
                long element = (long)i * depth + k;
                for (int row = 0; row < rows && unpacks; row++)
                    many.Type.Format.Read(many.Storage, element + (long)row * depth, unpacked.Floats.Slice(row * Depth, terms));
                ref byte left = ref MemoryMarshal.GetReference(
                    unpacks ? MemoryMarshal.AsBytes(unpacked.Floats) : many.Storage.Bytes(element * TFloat.Size, TFloat.Size));
                MultiplyStrip<TLanes, TVector>(ref left, (nuint)(unpacks ? Depth : depth), i, rows, k, terms);
            }
        }
    }

    private void MultiplyStrip<TLanes, TVector>(ref byte left, nuint stride, int first, int rows, int start, int terms)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        switch (rows)
        {
            case 1: MultiplyStrip<TLanes, TVector, Rows1>(ref left, stride, first, start, terms); break;
            case 2: MultiplyStrip<TLanes, TVector, Rows2>(ref left, stride, first, start, terms); break;
            default: MultiplyStrip<TLanes, TVector, Rows3>(ref left, stride, first, start, terms); break;
        }
    }

    // Up to three of the many rows against all of the few, four at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyStrip<TLanes, TVector, TRows>(ref byte left, nuint stride, int first, int start, int terms)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TRows : struct, ITileRows
    {
        nuint iStride = c.Turned ? 1 : (nuint)fewRows, jStride = c.Turned ? (nuint)manyRows : 1;
        bool add = c.Add || start > 0;
        // The rows after these follow them in memory: each tile asks for its share, so that none waits for what it reads.
        int tiles = (fewRows + 3) / 4, aheadStep = unpacks ? 0 : Strip * TLanes.Count * TFloat.Size / tiles;
        int ahead = unpacks ? 0 : (Strip * depth + (Strip - 1) * start) * TFloat.Size;
        for (int j = 0; j < fewRows;)
        {
            ref float right = ref few.Storage.Floats((long)j * depth + start, 1)[0];
            ref float to = ref c.Matrix.Storage.Floats(first * (long)iStride + j * (long)jStride, 1)[0];
            int rest = fewRows - j;
            if (rest >= 4)
                DotTile.Multiply<TLanes, TVector, TRows, Rows4, TFloat>(ref left, stride, ref right, (nuint)depth, terms, ref to, iStride, jStride, add, ahead, aheadStep);
            else if (rest >= 2)
                DotTile.Multiply<TLanes, TVector, TRows, Rows2, TFloat>(ref left, stride, ref right, (nuint)depth, terms, ref to, iStride, jStride, add, ahead, aheadStep);
            else
                DotTile.Multiply<TLanes, TVector, TRows, Rows1, TFloat>(ref left, stride, ref right, (nuint)depth, terms, ref to, iStride, jStride, add, ahead, aheadStep);
            j += rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
            ahead += terms / TLanes.Count * aheadStep;
        }
    }
}
