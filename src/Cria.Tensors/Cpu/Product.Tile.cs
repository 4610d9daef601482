using System.Runtime.CompilerServices;

namespace Cria.Tensors;

internal sealed partial class Product<TLanes, TVector, TRows, TTerms>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyTile(ref float left, ref float right, nuint stride, int terms, Tile tile, ref float target, ref float whole, bool add)
    {
        bool inside = !c.Turned && tile.Width == Columns;
        // The rows of C lie pages apart, and are wanted when the sum is done: by then they are there.
        for (int i = 0; inside && i < tile.Height; i++)
            Simd.Prefetch(ref Unsafe.Add(ref target, (nint)i * columns), 0, Columns * sizeof(float));
        int parts = shape.Parts(terms), steps = shape.Steps(terms);
        if (inside && shape.IsPlain)
        {
            MultiplyRows<TTerms>(ref left, ref right, stride, parts, steps, ref target, (nuint)columns, tile.Height, add);
            return;
        }
        // Over the edge, turned, or in many parts: through a whole tile of its own.
        MultiplyRows<TTerms>(ref left, ref right, stride, parts, steps, ref whole, (nuint)Columns, tile.Height, add: false);
        PutWhole(tile, ref whole, ref target, add);
    }

    // The tile was written a moment ago: it is near.
    private void AddTail(int row, ref float right, Tile tile, ref float target, ref float whole)
    {
        ref float left = ref packedTail!.Floats((long)(row / TRows.Count) * TRows.Count * tailTerms, 1)[0];
        if (!c.Turned && tile.Width == Columns)
        {
            MultiplyRows<FloatTerms>(ref left, ref right, (nuint)Columns, 1, tailTerms, ref target, (nuint)columns, tile.Height, add: true);
            return;
        }
        MultiplyRows<FloatTerms>(ref left, ref right, (nuint)Columns, 1, tailTerms, ref whole, (nuint)Columns, tile.Height, add: false);
        PutWhole(tile, ref whole, ref target, add: true);
    }

    private void PutWhole(Tile tile, ref float whole, ref float target, bool add)
    {
        bool inside = !c.Turned && tile.Width == Columns;
        for (int i = 0; i < tile.Height; i++)
        {
            ref float from = ref Unsafe.Add(ref whole, i * Columns);
            ref float to = ref Unsafe.Add(ref target, c.Turned ? i : (nint)i * columns);
            if (inside)
                FloatTerms.Put<TLanes, TVector>(TLanes.Load(ref from, 0), TLanes.Load(ref from, (nuint)TLanes.Count), ref from, 0, ref from, 0, ref to, add);
            else
                Scatter(ref from, tile.Width, ref to, c.Turned ? rows : 1, add);
        }
    }

    private static void Scatter(ref float from, int count, ref float to, int step, bool add)
    {
        for (int i = 0; i < count; i++)
        {
            float sum = Unsafe.Add(ref from, i);
            to = add ? to + sum : sum;
            to = ref Unsafe.Add(ref to, step);
        }
    }

    // The last rows take the tiles of 8, 4, 2 and 1 rows that make up their number.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRows<TSums>(ref float left, ref float right, nuint stride, int parts, int steps, ref float target, nuint step, int height, bool add)
        where TSums : struct, ITerms
    {
        nuint panel = (nuint)TRows.Count;
        for (int done = 0; done < height;)
        {
            ref float x = ref Unsafe.Add(ref left, done);
            ref float y = ref Unsafe.Add(ref target, (nuint)done * step);
            int rest = height - done;
            if (rest >= TRows.Count)
                RegisterTile.Multiply<TLanes, TVector, TRows, TSums>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            else if (rest >= 8)
                RegisterTile.Multiply<TLanes, TVector, Rows8, TSums>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            else if (rest >= 4)
                RegisterTile.Multiply<TLanes, TVector, Rows4, TSums>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            else if (rest >= 2)
                RegisterTile.Multiply<TLanes, TVector, Rows2, TSums>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            else
                RegisterTile.Multiply<TLanes, TVector, Rows1, TSums>(ref x, panel, ref right, stride, parts, steps, ref y, step, add);
            done += rest >= TRows.Count ? TRows.Count : rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
        }
    }

    // What lies inside of C.
    private readonly record struct Tile(int Height, int Width);
}
