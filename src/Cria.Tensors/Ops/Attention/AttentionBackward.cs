using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>The backward pass of attention on a processor: probabilities are made again, tile by tile, from the stored sums.</summary>
/// <remarks>Dao et al. 2022, <see href="https://arxiv.org/abs/2205.14135"/>, algorithm 4, with the queries in the outer loop.</remarks>
internal sealed class AttentionBackward<TLanes, TVector>(
    Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor logSums, Tensor dy, Tensor? dq, Tensor? dk, Tensor? dv)
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const int Block = AttentionTile.Block;

    private readonly int size = layout.HeadSize;

    /// <summary>All queries of one head and span.</summary>
    public void Run(AttentionSpan span, int head)
    {
        using var memory = new Scratch((5 * size + 2 * Block + 2) * Block);
        for (int first = 0; first < span.Queries; first += Block)
            RunQueries(span, head, first, new Tiles(memory.Floats, size));
    }

    private void RunQueries(AttentionSpan span, int head, int first, Tiles tiles)
    {
        int row = span.Query + first, column = head * size, rows = Math.Min(Block, span.Queries - first);
        int lanes = (rows + TLanes.Count - 1) / TLanes.Count * TLanes.Count;
        AttentionTile.Turn(q, row, column, rows, size, lanes, layout.Scale, tiles.TurnedQueries);
        AttentionTile.Turn(dy, row, column, rows, size, lanes, 1, tiles.TurnedGradients);
        AttentionTile.Pack(q, row, column, rows, size, tiles.Queries);
        AttentionTile.Pack(dy, row, column, rows, size, tiles.Gradients);
        tiles.LogSums.Clear();
        tiles.Deltas.Clear();
        logSums.Row(head).Slice(row, rows).CopyTo(tiles.LogSums);
        for (int i = 0; i < rows; i++)
            tiles.Deltas[i] = Simd.Dot<TLanes, TVector>(in AttentionTile.At(dy, row + i, column), in AttentionTile.At(y, row + i, column), size);
        for (int key = 0, seen = AttentionTile.Seen(span, first + rows - 1); key < seen; key += Block)
            RunTile(span, head, first, rows, lanes, key, Math.Min(Block, seen - key), tiles);
    }

    private void RunTile(AttentionSpan span, int head, int first, int rows, int lanes, int key, int keys, Tiles tiles)
    {
        int row = span.Query + first, column = head * size, keyRow = span.Key + key, keyColumn = head / layout.Group * size;
        AttentionTile.Pack(k, keyRow, keyColumn, keys, size, tiles.Keys);
        Product(in tiles.Keys[0], size, 1, in tiles.TurnedQueries[0], Block, ref tiles.P[0], Block, keys, lanes, size, add: false);
        Product(in AttentionTile.At(v, keyRow, keyColumn), v.Shape.Columns, 1, in tiles.TurnedGradients[0], Block, ref tiles.DScores[0], Block, keys, lanes, size, add: false);
        AttentionTile.HideLaterKeys(tiles.P, span, first, key, keys);
        tiles.Finish(keys, lanes, layout.Scale);
        if (dv is not null)
            Product(in tiles.P[0], Block, 1, in tiles.Gradients[0], size, ref AttentionTile.At(dv, keyRow, keyColumn), dv.Shape.Columns, keys, size, rows, add: true);
        if (dk is not null)
            Product(in tiles.DScores[0], Block, 1, in tiles.Queries[0], size, ref AttentionTile.At(dk, keyRow, keyColumn), dk.Shape.Columns, keys, size, rows, add: true);
        if (dq is not null)
            Product(in tiles.DScores[0], 1, Block, in tiles.Keys[0], size, ref AttentionTile.At(dq, row, column), dq.Shape.Columns, rows, size, keys, add: true);
    }

    private static void Product(
        ref readonly float a, nint rowStride, nint depthStride, ref readonly float b, nint bStride, ref float c, nint cStride, int rows, int columns, int depth, bool add) =>
        TileProduct<TLanes, TVector>.Run(in a, rowStride, depthStride, in b, bStride, ref c, cStride, rows, columns, depth, add);

    /// <summary>What a core works on at a time.</summary>
    private readonly ref struct Tiles(Span<float> memory, int size)
    {
        private readonly Span<float> memory = memory;

        /// <summary>Scores (keys, queries), then probabilities.</summary>
        public Span<float> P => memory[..(Block * Block)];

        /// <summary>dy vᵀ (keys, queries), then the gradient of q kᵀ.</summary>
        public Span<float> DScores => memory.Slice(Block * Block, Block * Block);

        /// <summary>(D, queries), scaled.</summary>
        public Span<float> TurnedQueries => Rows(0);

        /// <summary>The gradients of y (D, queries).</summary>
        public Span<float> TurnedGradients => Rows(1);

        /// <summary>(queries, D).</summary>
        public Span<float> Queries => Rows(2);

        /// <summary>The gradients of y (queries, D).</summary>
        public Span<float> Gradients => Rows(3);

        /// <summary>(keys, D).</summary>
        public Span<float> Keys => Rows(4);

        public Span<float> LogSums => memory.Slice((2 * Block + 5 * size) * Block, Block);

        public Span<float> Deltas => memory.Slice((2 * Block + 5 * size + 1) * Block, Block);

        private Span<float> Rows(int index) => memory.Slice((2 * Block + index * size) * Block, size * Block);

        /// <summary>p = exp(score − logSum),  ds = c · p · (dy vᵀ − δ).</summary>
        public void Finish(int keys, int lanes, float scale)
        {
            ref float p = ref MemoryMarshal.GetReference(P);
            ref float ds = ref MemoryMarshal.GetReference(DScores);
            for (nuint lane = 0; lane < (nuint)lanes; lane += (nuint)TLanes.Count)
            {
                TVector logSum = TLanes.Load(in LogSums[0], lane), delta = TLanes.Load(in Deltas[0], lane), factor = TLanes.Splat(scale);
                for (nuint at = lane; at < (nuint)(keys * Block); at += Block)
                {
                    var probability = Simd.Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Load(in p, at), logSum));
                    TLanes.Store(probability, ref p, at);
                    TLanes.Store(TLanes.Multiply(TLanes.Multiply(probability, factor), TLanes.Subtract(TLanes.Load(in ds, at), delta)), ref ds, at);
                }
            }
        }
    }
}
