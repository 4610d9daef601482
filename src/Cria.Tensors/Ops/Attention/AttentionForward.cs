using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>The forward pass of attention on a processor, over blocks of keys with a running maximum and sum.</summary>
/// <remarks>Dao et al. 2022, <see href="https://arxiv.org/abs/2205.14135"/>, algorithm 1, with the queries in the outer loop.</remarks>
internal sealed class AttentionForward<TLanes, TVector>(Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor? logSums)
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Block = AttentionTile.Block;
    private const int FewQueries = 8;       // fewer would leave most lanes of a tile empty
    private const int RowKeys = 256;        // keys that a single query looks at in one go

    private readonly int size = layout.HeadSize;

    /// <summary>One block of queries of one head: query <paramref name="first"/> of the span and those after it.</summary>
    public void Run(AttentionSpan span, int head, int first)
    {
        int rows = Math.Min(Block, span.Queries - first);
        if (span.Queries >= FewQueries)
        {
            RunTiles(span, head, first, rows);
            return;
        }
        if (head % layout.Group != 0)
            return;                             // the first head of the group does it for all, reading their keys once
        for (int i = first; i < first + rows; i++)
            RunRow(span, head / layout.Group, i);
    }

    private void RunTiles(AttentionSpan span, int head, int first, int rows)
    {
        int row = span.Query + first, column = head * size, keyColumn = head / layout.Group * size;
        int lanes = (rows + TLanes.Count - 1) / TLanes.Count * TLanes.Count;
        using var memory = new Scratch((2 * size + Block + 3) * Block);
        var turned = memory.Floats[..(size * Block)];
        var scores = memory.Floats.Slice(size * Block, Block * Block);
        var values = memory.Floats.Slice((size + Block) * Block, size * Block);
        var running = new Running(memory.Floats[((2 * size + Block) * Block)..]);

        AttentionTile.Turn(q, row, column, rows, size, lanes, layout.Scale, turned);
        for (int key = 0, seen = AttentionTile.Seen(span, first + rows - 1); key < seen; key += Block)
        {
            int keys = Math.Min(Block, seen - key);
            TileProduct<TLanes, TVector>.Run(
                in AttentionTile.At(k, span.Key + key, keyColumn), k.Shape.Columns, 1, in turned[0], Block, ref scores[0], Block, keys, lanes, size, add: false);
            AttentionTile.HideLaterKeys(scores, span, first, key, keys);
            running.Add(scores, keys, lanes);
            for (int i = 0; i < rows && key > 0; i++)
                Multiply(y.Row(row + i).Slice(column, size), running.Shrink[i]);
            AttentionTile.Pack(v, span.Key + key, keyColumn, keys, size, values);
            TileProduct<TLanes, TVector>.Run(
                in scores[0], 1, Block, in values[0], size,
                ref AttentionTile.At(y, row, column), y.Shape.Columns, rows, size, keys, add: key > 0);
        }
        for (int i = 0; i < rows; i++)
            Finish(row + i, head, running.Largest[i], running.Sum[i]);
    }

    /// <summary>One query of all heads that share a key head, as in decoding: the numbers of a head stand in the lanes.</summary>
    private void RunRow(AttentionSpan span, int keyHead, int i)
    {
        int row = span.Query + i, group = layout.Group, column = keyHead * group * size;
        using var memory = new Scratch(group * (RowKeys + 2));
        var scores = memory.Floats[..(group * RowKeys)];
        var largest = memory.Floats.Slice(group * RowKeys, group);
        var sum = memory.Floats.Slice(group * (RowKeys + 1), group);
        largest.Fill(float.NegativeInfinity);
        sum.Clear();
        for (int first = 0, seen = AttentionTile.Seen(span, i); first < seen; first += RowKeys)
        {
            int keys = Math.Min(RowKeys, seen - first), keyRow = span.Key + first;
            ScoreRow(row, column, keyRow, keyHead * size, keys, scores);
            for (int g = 0; g < group; g++)
            {
                float shrink = AddRow(scores.Slice(g * RowKeys, keys), ref largest[g], ref sum[g]);
                if (first > 0)
                    Multiply(y.Row(row).Slice(column + g * size, size), shrink);
            }
            TileProduct<TLanes, TVector>.Run(
                in scores[0], RowKeys, 1, in AttentionTile.At(v, keyRow, keyHead * size), v.Shape.Columns,
                ref AttentionTile.At(y, row, column), size, group, size, keys, add: first > 0);
        }
        for (int g = 0; g < group; g++)
            Finish(row, keyHead * group + g, largest[g], sum[g]);
    }

    private void ScoreRow(int row, int column, int keyRow, int keyColumn, int keys, Span<float> scores)
    {
        ref float query = ref AttentionTile.At(q, row, column);
        ref float key = ref AttentionTile.At(k, keyRow, keyColumn);
        for (int j = 0; j < keys; j++)
        {
            for (int g = 0; g < layout.Group; g++)
                scores[g * RowKeys + j] = layout.Scale * Simd.Dot<TLanes, TVector>(in Unsafe.Add(ref query, g * size), in key, size);
            key = ref Unsafe.Add(ref key, k.Shape.Columns);
        }
    }

    // Turns scores into exp(score − largest), and returns by how much what was summed before must be multiplied.
    private static float AddRow(Span<float> scores, ref float largest, ref float sum)
    {
        float before = largest;
        largest = Math.Max(before, TensorPrimitives.Max<float>(scores));
        float shrink = MathF.Exp(before - largest);
        sum = sum * shrink + Simd.ExpSum<TLanes, TVector>(scores, largest);
        return shrink;
    }

    private void Finish(int row, int head, float largest, float sum)
    {
        Multiply(y.Row(row).Slice(head * size, size), 1 / sum);
        if (logSums is not null)
            logSums.Row(head)[row] = largest + MathF.Log(sum);
    }

    private static void Multiply(Span<float> x, float factor) => TensorPrimitives.Multiply(x, factor, x);

    /// <summary>The largest score of each query so far, and Σ exp(score − largest).</summary>
    private readonly ref struct Running
    {
        public Running(Span<float> memory)
        {
            Largest = memory[..Block];
            Sum = memory.Slice(Block, Block);
            Shrink = memory.Slice(2 * Block, Block);
            Largest.Fill(float.NegativeInfinity);
            Sum.Clear();
        }

        public Span<float> Largest { get; }

        public Span<float> Sum { get; }

        /// <summary>By how much what was summed before the last tile must be multiplied.</summary>
        public Span<float> Shrink { get; }

        /// <summary>Takes in a tile, and turns its scores into exp(score − largest).</summary>
        public void Add(Span<float> scores, int keys, int lanes)
        {
            ref float start = ref MemoryMarshal.GetReference(scores);
            for (nuint lane = 0; lane < (nuint)lanes; lane += (nuint)TLanes.Count)
            {
                var before = TLanes.Load(in Largest[0], lane);
                var largest = before;
                for (nuint j = 0; j < (nuint)keys; j++)
                    largest = TLanes.Max(largest, TLanes.Load(in start, j * Block + lane));
                var shrink = Simd.Exp<TLanes, TVector>(TLanes.Subtract(before, largest));
                var sum = TLanes.Multiply(TLanes.Load(in Sum[0], lane), shrink);
                for (nuint j = 0; j < (nuint)keys; j++)
                {
                    var p = Simd.Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Load(in start, j * Block + lane), largest));
                    TLanes.Store(p, ref start, j * Block + lane);
                    sum = TLanes.Add(sum, p);
                }
                TLanes.Store(largest, ref Largest[0], lane);
                TLanes.Store(shrink, ref Shrink[0], lane);
                TLanes.Store(sum, ref Sum[0], lane);
            }
        }
    }
}
