using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>
/// The scores of a block of keys and a block of queries. A row of a tile belongs to a key, a column to a query: so queries stand in the
/// lanes of vectors, and maxima and sums over keys need no step across lanes.
/// </summary>
internal static class AttentionTile
{
    /// <summary>Keys and queries of a tile: 16 KB of scores, half of a core's first cache.</summary>
    public const int Block = 64;

    /// <summary>How many keys query i of a span sees.</summary>
    public static int Seen(AttentionSpan span, int i) => span.Causal ? span.Keys - span.Queries + i + 1 : span.Keys;

    /// <summary>A block of queries (or of their gradients) turned, so that the queries stand in the lanes: <c>turned[d, i] = factor · x[i, d]</c>.</summary>
    public static void Turn(Tensor x, int row, int column, int rows, int columns, int lanes, float factor, Span<float> turned)
    {
        if (lanes > rows)
            turned.Clear();
        ref float to = ref MemoryMarshal.GetReference(turned);
        int i = 0;
        for (; i + 4 <= rows; i += 4)
        {
            ref float x0 = ref At(x, row + i, column), x1 = ref At(x, row + i + 1, column);
            ref float x2 = ref At(x, row + i + 2, column), x3 = ref At(x, row + i + 3, column);
            for (int d = 0; d + 4 <= columns; d += 4)
                TurnFourByFour(ref Unsafe.Add(ref x0, d), ref Unsafe.Add(ref x1, d), ref Unsafe.Add(ref x2, d), ref Unsafe.Add(ref x3, d), factor, ref Unsafe.Add(ref to, d * Block + i));
        }
        for (int r = 0; r < rows; r++)
        {
            var numbers = x.Row(row + r).Slice(column, columns);
            for (int d = r < i ? columns & ~3 : 0; d < columns; d++)
                turned[d * Block + r] = factor * numbers[d];
        }
    }

    /// <summary>
    /// Rows of one head side by side: <c>packed[i, d] = x[i, d]</c>. Where they lie they are a whole row of all heads apart, so that many
    /// of them want the same few places of the first cache.
    /// </summary>
    public static void Pack(Tensor x, int row, int column, int rows, int columns, Span<float> packed)
    {
        if (x.Type != DataType.F32)
        {
            Unpack(x, row, column, rows, columns, packed);
            return;
        }
        int apart = x.Shape.Columns;
        var from = x.Storage.Floats((long)row * apart + column, (rows - 1) * apart + columns);
        for (int i = 0; i < rows; i++)
            from.Slice(i * apart, columns).CopyTo(packed[(i * columns)..]);
    }

    /// <summary>Rows of one head or some: where they lie, or in <paramref name="memory"/> where they are not stored as floats.</summary>
    /// <param name="x">Keys or values.</param>
    /// <param name="row">The first row.</param>
    /// <param name="column">The first number of each.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">The numbers of each.</param>
    /// <param name="memory">For rows · columns numbers; nothing where x is f32.</param>
    /// <param name="apart">From one row to the next.</param>
    public static ref float Rows(Tensor x, int row, int column, int rows, int columns, Span<float> memory, out int apart)
    {
        if (x.Type == DataType.F32)
        {
            apart = x.Shape.Columns;
            return ref At(x, row, column);
        }
        Unpack(x, row, column, rows, columns, memory);
        apart = columns;
        return ref MemoryMarshal.GetReference(memory);
    }

    /// <summary>Floats that <see cref="Rows"/> needs.</summary>
    public static int RowsMemory(Tensor x, int rows, int columns) => x.Type == DataType.F32 ? 0 : rows * columns;

    private static void Unpack(Tensor x, int row, int column, int rows, int columns, Span<float> to)
    {
        for (int i = 0; i < rows; i++)
            x.Type.Format.Read(x.Storage, (long)(row + i) * x.Shape.Columns + column, to.Slice(i * columns, columns));
    }

    /// <summary>Makes the scores of keys that a query must not see −∞.</summary>
    /// <param name="scores">The tile.</param>
    /// <param name="span">Where it lies.</param>
    /// <param name="query">The query of the first column, counted in the span.</param>
    /// <param name="key">The key of the first row, counted in the span.</param>
    /// <param name="keys">The rows of the tile.</param>
    public static void HideLaterKeys(Span<float> scores, AttentionSpan span, int query, int key, int keys)
    {
        if (key + keys <= Seen(span, query))
            return;
        for (int j = 0; j < keys; j++)
        {
            int hidden = Math.Clamp(key + j + 1 - Seen(span, query), 0, Block);
            scores.Slice(j * Block, hidden).Fill(float.NegativeInfinity);
        }
    }

    private static void TurnFourByFour(ref float x0, ref float x1, ref float x2, ref float x3, float factor, ref float turned)
    {
        Lanes128.Interleave(Lanes128.Load(in x0, 0), Lanes128.Load(in x2, 0), out var even01, out var even23);
        Lanes128.Interleave(Lanes128.Load(in x1, 0), Lanes128.Load(in x3, 0), out var odd01, out var odd23);
        Lanes128.Interleave(even01, odd01, out var d0, out var d1);
        Lanes128.Interleave(even23, odd23, out var d2, out var d3);
        Lanes128.Store(d0 * factor, ref turned, 0);
        Lanes128.Store(d1 * factor, ref turned, Block);
        Lanes128.Store(d2 * factor, ref turned, 2 * Block);
        Lanes128.Store(d3 * factor, ref turned, 3 * Block);
    }

    /// <summary>Where a number of an f32 tensor stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref float At(Tensor tensor, int row, int column) => ref MemoryMarshal.GetReference(tensor.Row(row)[column..]);
}
