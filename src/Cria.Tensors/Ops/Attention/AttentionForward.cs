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
    private const int ChunkKeys = 64;       // keys and values that a single query reads in one go, all heads of them

    private readonly int size = layout.HeadSize;

    /// <summary>Whether the queries of a span go one by one, by <see cref="RunChunk"/>, instead of in tiles.</summary>
    public static bool OneByOne(AttentionSpan span) => span.Queries < FewQueries;

    /// <summary>One block of queries of one head: query <paramref name="first"/> of the span and those after it.</summary>
    public void RunTiles(AttentionSpan span, int head, int first) =>
        RunTiles(span, head, first, Math.Min(Block, span.Queries - first));

    /// <summary>In how many chunks the keys of a single query are read.</summary>
    public static int Chunks(AttentionSpan span, int query) => (AttentionTile.Seen(span, query) + ChunkKeys - 1) / ChunkKeys;

    /// <summary>What a chunk leaves for <see cref="Combine"/>: for each head the sum of values, then the largest score of each, then the sums of exp(score − largest).</summary>
    public int PartialFloats => layout.Heads * (size + 2);

    private void RunTiles(AttentionSpan span, int head, int first, int rows)
    {
        int row = span.Query + first, column = head * size, keyColumn = head / layout.Group * size;
        int lanes = (rows + TLanes.Count - 1) / TLanes.Count * TLanes.Count;
        using var memory = new Scratch((2 * size + Block + 3) * Block);
        using var unpacked = new Scratch(AttentionTile.RowsMemory(k, Block, size));
        var turned = memory.Floats[..(size * Block)];
        var scores = memory.Floats.Slice(size * Block, Block * Block);
        var values = memory.Floats.Slice((size + Block) * Block, size * Block);
        var running = new Running(memory.Floats[((2 * size + Block) * Block)..]);

        AttentionTile.Turn(q, row, column, rows, size, lanes, layout.Scale, turned);
        for (int key = 0, seen = AttentionTile.Seen(span, first + rows - 1); key < seen; key += Block)
        {
            int keys = Math.Min(Block, seen - key);
            ref float keyRows = ref AttentionTile.Rows(k, span.Key + key, keyColumn, keys, size, unpacked.Floats, out int apart);
            TileProduct<TLanes, TVector>.Run(
                in keyRows, apart, 1, in turned[0], Block, ref scores[0], Block, keys, lanes, size, add: false);
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

    /// <summary>One query and one chunk of its keys, as in decoding: rows of keys and values are read from end to end, all heads at once.</summary>
    /// <remarks>Dao et al. 2023, "Flash-Decoding": chunks are independent. Their size is fixed, so the result does not depend on who computes them.</remarks>
    public void RunChunk(AttentionSpan span, int query, int chunk, Span<float> partial)
    {
        int heads = layout.Heads, numbers = k.Shape.Columns, first = chunk * ChunkKeys, keyRow = span.Key + first;
        int keys = Math.Min(ChunkKeys, AttentionTile.Seen(span, query) - first);
        using var memory = new Scratch(heads * ChunkKeys);
        using var unpacked = new Scratch(AttentionTile.RowsMemory(k, ChunkKeys, numbers));
        var scores = memory.Floats;
        int statistics = heads * size;
        Span<float> result = partial[..statistics], largest = partial.Slice(statistics, heads), sum = partial.Slice(statistics + heads, heads);

        ref float key = ref AttentionTile.Rows(k, keyRow, 0, keys, numbers, unpacked.Floats, out int apart);
        Score(in AttentionTile.At(q, span.Query + query, 0), ref key, apart, heads, keys, scores);
        for (int head = 0; head < heads; head++)
        {
            var row = scores.Slice(head * ChunkKeys, keys);
            largest[head] = TensorPrimitives.Max<float>(row);
            sum[head] = Simd.ExpSum<TLanes, TVector>(row, largest[head]);
        }
        result.Clear();
        ref float value = ref AttentionTile.Rows(v, keyRow, 0, keys, numbers, unpacked.Floats, out apart);
        AddValues(scores, ref value, apart, heads, keys, ref result[0]);
    }

    /// <summary>The result of one query from those of its chunks.</summary>
    public void Combine(AttentionSpan span, int query, ReadOnlySpan<float> partials)
    {
        int row = span.Query + query, each = PartialFloats, statistics = layout.Heads * size;
        for (int head = 0; head < layout.Heads; head++)
        {
            float largest = float.NegativeInfinity, sum = 0;
            for (int at = statistics + head; at < partials.Length; at += each)
                largest = Math.Max(largest, partials[at]);
            var result = y.Row(row).Slice(head * size, size);
            result.Clear();
            for (int start = 0; start < partials.Length; start += each)
            {
                float share = MathF.Exp(partials[start + statistics + head] - largest);
                sum += share * partials[start + statistics + layout.Heads + head];
                TensorPrimitives.MultiplyAdd(partials.Slice(start + head * size, size), share, result, result);
            }
            Finish(row, head, largest, sum);
        }
    }

    // scores[head, j] = scale · q[head] · k[j]
    private void Score(ref readonly float query, ref float key, int apart, int heads, int keys, Span<float> scores)
    {
        for (int j = 0; j < keys; j++)
        {
            for (int head = 0; head < heads; head++)
            {
                float dot = Simd.Dot<TLanes, TVector>(
                    in Unsafe.Add(ref Unsafe.AsRef(in query), head * size), in Unsafe.Add(ref key, head / layout.Group * size), size);
                scores[head * ChunkKeys + j] = layout.Scale * dot;
            }
            key = ref Unsafe.Add(ref key, apart);
        }
    }

    // result[head] += Σⱼ p[head, j] · v[j], four keys at a time, so that the sums are loaded and stored less often
    private void AddValues(ReadOnlySpan<float> p, ref float value, nint apart, int heads, int keys, ref float result)
    {
        int j = 0;
        for (; j + 4 <= keys; j += 4)
        {
            for (int head = 0; head < heads; head++)
            {
                ref float v0 = ref Unsafe.Add(ref value, j * apart + head / layout.Group * size);
                AddFour(p.Slice(head * ChunkKeys + j, 4), ref v0, apart, ref Unsafe.Add(ref result, head * size));
            }
        }
        for (; j < keys; j++)
        {
            for (int head = 0; head < heads; head++)
            {
                ref float v0 = ref Unsafe.Add(ref value, j * apart + head / layout.Group * size);
                AddOne(p[head * ChunkKeys + j], ref v0, 0, ref Unsafe.Add(ref result, head * size));
            }
        }
    }

    private void AddFour(ReadOnlySpan<float> p, ref float v0, nint apart, ref float to)
    {
        ref float v1 = ref Unsafe.Add(ref v0, apart);
        ref float v2 = ref Unsafe.Add(ref v1, apart);
        ref float v3 = ref Unsafe.Add(ref v2, apart);
        var (p0, p1, p2, p3) = (TLanes.Splat(p[0]), TLanes.Splat(p[1]), TLanes.Splat(p[2]), TLanes.Splat(p[3]));
        nuint d = 0;
        for (; d + (nuint)TLanes.Count <= (nuint)size; d += (nuint)TLanes.Count)
        {
            var sum = TLanes.MultiplyAdd(p0, TLanes.Load(in v0, d), TLanes.Load(in to, d));
            sum = TLanes.MultiplyAdd(p1, TLanes.Load(in v1, d), sum);
            sum = TLanes.MultiplyAdd(p2, TLanes.Load(in v2, d), sum);
            TLanes.Store(TLanes.MultiplyAdd(p3, TLanes.Load(in v3, d), sum), ref to, d);
        }
        for (int i = 0; i < 4 && (int)d < size; i++)
            AddOne(p[i], ref Unsafe.Add(ref v0, i * apart), (int)d, ref to);
    }

    // Numbers from … size − 1.
    private void AddOne(float p, ref float value, int from, ref float to)
    {
        int d = from;
        for (; d + TLanes.Count <= size; d += TLanes.Count)
            TLanes.Store(TLanes.MultiplyAdd(TLanes.Splat(p), TLanes.Load(in value, (nuint)d), TLanes.Load(in to, (nuint)d)), ref to, (nuint)d);
        for (; d < size; d++)
            Unsafe.Add(ref to, d) = MathF.FusedMultiplyAdd(p, Unsafe.Add(ref value, d), Unsafe.Add(ref to, d));
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
