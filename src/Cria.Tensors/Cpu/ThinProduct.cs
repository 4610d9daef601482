using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors;

/// <summary>C = A Bᵀ or C += A Bᵀ where one side has only a few rows: c(i, j) = Σₖ a(i, k) · b(j, k).</summary>
/// <remarks>
/// Packing would cost as much as it saves: the many rows are read once, three at a time, against four of the few, along their
/// length. The sum is taken in lanes, so the last bits depend on the vector width, and on nothing else.
/// </remarks>
/// <param name="on">Where.</param>
/// <param name="many">Any storage type.</param>
/// <param name="few">f32, with as many columns.</param>
/// <param name="c">f32: (many, few), or turned.</param>
internal sealed class ThinProduct(CpuBackend on, Tensor many, Tensor few, ProductTarget c)
{
    // 1024 terms of 3 + 4 rows are 28 KB: they fit the first cache.
    private const int Depth = 1_024;

    // Rows that are unpacked together: whole groups of three.
    private const int Batch = 12;

    private readonly int depth = many.Shape.Columns, fewRows = few.Shape.Rows, manyRows = many.Shape.Rows;

    public void Run()
    {
        int rows = Math.Clamp(manyRows / (8 * on.Threads) / Batch * Batch, Batch, 8 * Batch);
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

    internal void Multiply<TLanes, TVector>(int first, int count)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        bool direct = many.Type == DataType.F32;
        using var unpacked = new Scratch(direct ? 0 : Batch * depth);
        for (int batch = 0; batch < count; batch += Batch)
        {
            int rows = Math.Min(Batch, count - batch);
            long element = (long)(first + batch) * depth;
            if (!direct)
                many.Type.Format.Read(many.Storage, element, unpacked.Floats[..(rows * depth)]);
            var lines = direct ? many.Storage.Floats(element, rows * depth) : unpacked.Floats;
            for (int k = 0; k < depth; k += Depth)
                MultiplyBatch<TLanes, TVector>(lines, first + batch, rows, k, Math.Min(Depth, depth - k));
        }
    }

    private void MultiplyBatch<TLanes, TVector>(ReadOnlySpan<float> lines, int first, int rows, int start, int terms)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref float right = ref few.Storage.Floats(start, terms)[0];
        ref float target = ref c.Matrix.Storage.Floats(0, 1)[0];
        nuint stride = (nuint)depth, iStride = c.Turned ? 1 : (nuint)fewRows, jStride = c.Turned ? (nuint)manyRows : 1;
        bool add = c.Add || start > 0;
        for (int i = 0; i < rows; i += 3)
        {
            ref float left = ref MemoryMarshal.GetReference(lines[(i * depth + start)..]);
            ref float to = ref Unsafe.Add(ref target, (nuint)(first + i) * iStride);
            switch (rows - i)
            {
                case 1: Strip<TLanes, TVector, Rows1>(ref left, ref right, stride, terms, ref to, iStride, jStride, add); break;
                case 2: Strip<TLanes, TVector, Rows2>(ref left, ref right, stride, terms, ref to, iStride, jStride, add); break;
                default: Strip<TLanes, TVector, Rows3>(ref left, ref right, stride, terms, ref to, iStride, jStride, add); break;
            }
        }
    }

    // A few of the many rows against all of the few, four at a time.
    private void Strip<TLanes, TVector, TRows>(
        ref float left, ref float right, nuint stride, int terms, ref float to, nuint iStride, nuint jStride, bool add)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TRows : struct, ITileRows
    {
        int j = 0;
        for (; j + 4 <= fewRows; j += 4)
        {
            DotTile.Multiply<TLanes, TVector, TRows, Rows4>(
                ref left, ref Unsafe.Add(ref right, (nuint)j * stride), stride, terms, ref Unsafe.Add(ref to, (nuint)j * jStride), iStride, jStride, add);
        }
        for (; j < fewRows; j++)
        {
            DotTile.Multiply<TLanes, TVector, TRows, Rows1>(
                ref left, ref Unsafe.Add(ref right, (nuint)j * stride), stride, terms, ref Unsafe.Add(ref to, (nuint)j * jStride), iStride, jStride, add);
        }
    }
}
