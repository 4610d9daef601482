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
        for (int i = 0; i < rows; i++)
        {
            var numbers = x.Row(row + i).Slice(column, columns);
            for (int d = 0; d < numbers.Length; d++)
                turned[d * Block + i] = factor * numbers[d];
        }
    }

    /// <summary>
    /// Rows of one head side by side: <c>packed[i, d] = x[i, d]</c>. Where they lie they are a whole row of all heads apart, so that many
    /// of them want the same few places of the first cache.
    /// </summary>
    public static void Pack(Tensor x, int row, int column, int rows, int columns, Span<float> packed)
    {
        for (int i = 0; i < rows; i++)
            x.Row(row + i).Slice(column, columns).CopyTo(packed[(i * columns)..]);
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

    /// <summary>Where a number of an f32 tensor stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref float At(Tensor tensor, int row, int column) => ref MemoryMarshal.GetReference(tensor.Row(row)[column..]);
}
