using System.Runtime.CompilerServices;

namespace Cria.Tensors;

internal sealed partial class Product<TLanes, TVector, TRows, TTerms>
{
    /// <summary>Tiles below one another: some panels of A times one panel of B.</summary>
    /// <param name="left">The panels of A, one after another.</param>
    /// <param name="right">The panel of B.</param>
    /// <param name="panels">How the terms of both are laid out.</param>
    /// <param name="terms">How many terms.</param>
    /// <param name="block">How many rows and columns of C, the columns at most a tile's.</param>
    /// <param name="target">The first of C.</param>
    /// <param name="whole">A tile to put sums in.</param>
    /// <param name="add">Whether they are added to what is there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyColumn<TSums>(ref float left, ref float right, TileShape panels, int terms, Tile block, ref float target, ref float whole, bool add)
        where TSums : struct, ITerms
    {
        int parts = panels.Parts(terms), steps = panels.Steps(terms), height = panels.PanelFloats(TRows.Count, terms);
        nint step = c.Turned ? 1 : columns;
        int row = 0;
        if (IsInside(block.Width) && panels.IsPlain)
        {
            int tiles = block.Height / TRows.Count;
            RegisterTile.Multiply<TLanes, TVector, TRows, TSums>(ref left, (nuint)TRows.Count, ref right, tiles, parts, steps, ref target, (nuint)columns, add);
            row = tiles * TRows.Count;
        }
        for (; row < block.Height; row += TRows.Count)
        {
            var tile = block with { Height = Math.Min(TRows.Count, block.Height - row) };
            ref float panel = ref Unsafe.Add(ref left, (nint)(row / TRows.Count) * height);
            ref float place = ref Unsafe.Add(ref target, row * step);
            if (IsInside(block.Width) && panels.IsPlain)
            {
                MultiplyRows<TSums>(ref panel, ref right, parts, steps, ref place, (nuint)columns, tile.Height, add);
                continue;
            }
            // Over the edge, turned, or in many parts: through a whole tile of its own, while the place in C is brought near.
            for (int i = 0; i < tile.Height && IsInside(block.Width); i++)
                Simd.Prefetch(ref Unsafe.Add(ref place, i * step), 0, Columns * sizeof(float));
            MultiplyRows<TSums>(ref panel, ref right, parts, steps, ref whole, (nuint)Columns, tile.Height, add: false);
            PutWhole(tile, ref whole, ref place, add);
        }
    }

    // The tiles were written a moment ago: they are near.
    private void AddTail(int row, ref float right, Tile block, ref float target, ref float whole)
    {
        ref float left = ref packedTail!.Floats((long)(row / TRows.Count) * TRows.Count * tailTerms, 1)[0];
        MultiplyColumn<FloatTerms>(ref left, ref right, TileShape.Plain, tailTerms, block, ref target, ref whole, add: true);
    }

    private bool IsInside(int width) => !c.Turned && width == Columns;

    private void PutWhole(Tile tile, ref float whole, ref float target, bool add)
    {
        for (int i = 0; i < tile.Height; i++)
        {
            ref float from = ref Unsafe.Add(ref whole, i * Columns);
            ref float to = ref Unsafe.Add(ref target, c.Turned ? i : (nint)i * columns);
            if (IsInside(tile.Width))
                FloatTerms.Put<TLanes, TVector>(TLanes.Load(ref from, 0), TLanes.Load(ref from, (nuint)TLanes.Count), ref from, 0, ref from, ref to, add);
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
    private static void MultiplyRows<TSums>(ref float left, ref float right, int parts, int steps, ref float target, nuint step, int height, bool add)
        where TSums : struct, ITerms
    {
        nuint panel = (nuint)TRows.Count;
        for (int done = 0; done < height;)
        {
            ref float x = ref Unsafe.Add(ref left, done);
            ref float y = ref Unsafe.Add(ref target, (nuint)done * step);
            int rest = height - done;
            if (rest >= TRows.Count)
                RegisterTile.Multiply<TLanes, TVector, TRows, TSums>(ref x, panel, ref right, 1, parts, steps, ref y, step, add);
            else if (rest >= 8)
                RegisterTile.Multiply<TLanes, TVector, Rows8, TSums>(ref x, panel, ref right, 1, parts, steps, ref y, step, add);
            else if (rest >= 4)
                RegisterTile.Multiply<TLanes, TVector, Rows4, TSums>(ref x, panel, ref right, 1, parts, steps, ref y, step, add);
            else if (rest >= 2)
                RegisterTile.Multiply<TLanes, TVector, Rows2, TSums>(ref x, panel, ref right, 1, parts, steps, ref y, step, add);
            else
                RegisterTile.Multiply<TLanes, TVector, Rows1, TSums>(ref x, panel, ref right, 1, parts, steps, ref y, step, add);
            done += rest >= TRows.Count ? TRows.Count : rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
        }
    }

    // What lies inside of C.
    private readonly record struct Tile(int Height, int Width);
}
