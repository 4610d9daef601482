using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Cria.Tensors.Quantization;

namespace Cria.Tensors;

/// <summary>One side of a product Σₖ a(i, k) · b(j, k): a matrix of any storage type, and which of its axes is summed over.</summary>
/// <param name="Matrix">Rows of columns.</param>
/// <param name="SumsRows">Whether k counts the rows, so that i counts the columns; otherwise the other way round.</param>
internal readonly record struct Operand(Tensor Matrix, bool SumsRows)
{
    /// <summary>How many outputs this side has: the range of i.</summary>
    public int Count => SumsRows ? Matrix.Shape.Columns : Matrix.Shape.Rows;

    /// <summary>How many terms a sum has: the range of k.</summary>
    public int Depth => SumsRows ? Matrix.Shape.Rows : Matrix.Shape.Columns;

    /// <summary>
    /// Copies outputs <paramref name="first"/>… and terms <paramref name="start"/>… into panels, one after another, each [depth][width]
    /// floats. What the last panel lacks is zero.
    /// </summary>
    public void Pack(int first, int count, int width, int start, int depth, Span<float> panels)
    {
        if (SumsRows)
            PackRows(first, count, width, start, depth, panels);
        else
            PackColumns(first, count, width, start, depth, panels);
    }

    // Each row of the matrix is one term: cut it in pieces of a panel's width.
    private void PackRows(int first, int count, int width, int start, int depth, Span<float> panels)
    {
        // So many terms at once that the lines of a panel are filled while they are near.
        const int Chunk = 16;
        int columns = Matrix.Shape.Columns;
        bool direct = Matrix.Type == DataType.F32;
        using var lines = new Scratch(direct ? 0 : Chunk * count);
        ref float target = ref MemoryMarshal.GetReference(panels);
        for (int k = 0; k < depth; k += Chunk)
        {
            int terms = Math.Min(Chunk, depth - k);
            long element = (long)(start + k) * columns + first;
            Prefetch(start + k + Chunk, Math.Min(Chunk, depth - k - Chunk), first, count);
            if (!direct)
                ReadRows(start + k, terms, first, lines.Floats[..(terms * count)]);
            ref float source = ref MemoryMarshal.GetReference(direct ? Matrix.Storage.Floats(element, count) : lines.Floats);
            Panel.Cut(ref source, (nuint)(direct ? columns : count), terms, count, width, ref Unsafe.Add(ref target, k * width), depth * width);
        }
    }

    // Asks for the pieces of the next rows, which lie far from one another: no processor guesses that they are wanted.
    private void Prefetch(int first, int rows, int column, int count)
    {
        if (Matrix.Storage.RowLength > 0)
            return;
        var format = Matrix.Type.Format;
        int columns = Matrix.Shape.Columns;
        Matrix.Storage.Prefetch(format.Bytes((long)first * columns + column), (int)format.Bytes(count), format.Bytes(columns), rows);
    }

    // Some columns of some rows, row after row. Where eight rows lie side by side, they are read together: parts begin and end with whole groups.
    private void ReadRows(int first, int rows, int column, Span<float> to)
    {
        int count = to.Length / rows, together = Matrix.Storage.RowLength > 0 ? SideBySide.Rows : 1;
        for (int row = 0; row < rows; row += together)
        {
            var lines = to.Slice(row * count, together * count);
            if (together > 1)
                Matrix.Type.Format.SideBySide!.ReadGroup(Matrix.Storage, (first + row) / together, column, count, lines);
            else
                Matrix.Type.Format.Read(Matrix.Storage, (long)(first + row) * Matrix.Shape.Columns + column, lines);
        }
    }

    // Each row of the matrix is one output: turn as many as a panel is wide.
    private void PackColumns(int first, int count, int width, int start, int depth, Span<float> panels)
    {
        int columns = Matrix.Shape.Columns;
        bool direct = Matrix.Type == DataType.F32;
        using var lines = new Scratch(direct ? 0 : width * depth);
        for (int i = 0; i < count; i += width)
        {
            int rows = Math.Min(width, count - i);
            Prefetch(first + i + width, Math.Min(width, count - i - width), start, depth);
            var panel = panels.Slice(i * depth, width * depth);
            long element = (long)(first + i) * columns + start;
            for (int row = 0; row < rows && !direct; row++)
                Matrix.Type.Format.Read(Matrix.Storage, element + (long)row * columns, lines.Floats.Slice(row * depth, depth));

            ref float source = ref MemoryMarshal.GetReference(direct ? Matrix.Storage.Floats(element, depth) : lines.Floats);
            Panel.Turn(ref source, (nuint)(direct ? columns : depth), rows, depth, width, panel);
        }
    }
}

/// <summary>Filling a panel [depth][width], in which the numbers that a tile reads at one step stand together. Widths are even.</summary>
internal static class Panel
{
    /// <summary>Some terms of every panel: <paramref name="count"/> numbers of each row in pieces of a panel's width, and zeros for what the last lacks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cut(ref float source, nuint stride, int terms, int count, int width, ref float target, int panelStride)
    {
        for (; count >= width; count -= width)
        {
            for (int k = 0; k < terms; k++)
                Copy(ref Unsafe.Add(ref source, (nuint)k * stride), ref Unsafe.Add(ref target, k * width), (nuint)width);
            source = ref Unsafe.Add(ref source, width);
            target = ref Unsafe.Add(ref target, panelStride);
        }
        for (int k = 0; k < terms && count > 0; k++)
        {
            for (int i = 0; i < width; i++)
                Unsafe.Add(ref target, k * width + i) = i < count ? Unsafe.Add(ref source, (nuint)k * stride + (nuint)i) : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(ref float source, ref float target, nuint width)
    {
        nuint i = 0;
        for (; i + 8 <= width; i += 8)
            Vector256.LoadUnsafe(ref source, i).StoreUnsafe(ref target, i);
        for (; i + 2 <= width; i += 2)
            Vector64.LoadUnsafe(ref source, i).StoreUnsafe(ref target, i);
    }

    /// <summary>Rows of the source become columns of the panel; columns that have no row are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(ref float source, nuint stride, int rows, int depth, int width, Span<float> panel)
    {
        // So many terms at once that their part of the panel stays in the first cache while every row adds its column.
        const int Chunk = 32;
        if (rows < width)
            panel.Clear();
        ref float target = ref MemoryMarshal.GetReference(panel);
        for (int k = 0; k < depth; k += Chunk)
        {
            int terms = Math.Min(Chunk, depth - k), row = 0;
            for (; row + 4 <= rows; row += 4)
                TurnFour(ref Unsafe.Add(ref source, (nuint)row * stride + (nuint)k), stride, terms, ref Unsafe.Add(ref target, k * width + row), (nuint)width);
            for (; row + 2 <= rows; row += 2)
                TurnTwo(ref Unsafe.Add(ref source, (nuint)row * stride + (nuint)k), stride, terms, ref Unsafe.Add(ref target, k * width + row), (nuint)width);
            for (; row < rows; row++)
            {
                for (int i = k; i < k + terms; i++)
                    Unsafe.Add(ref target, i * width + row) = Unsafe.Add(ref source, (nuint)row * stride + (nuint)i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnTwo(ref float source, nuint stride, int terms, ref float target, nuint width)
    {
        nuint k = 0;
        for (; k + 4 <= (nuint)terms; k += 4)
        {
            Lanes128.Interleave(Vector128.LoadUnsafe(ref source, k), Vector128.LoadUnsafe(ref source, stride + k), out var first, out var second);
            first.GetLower().StoreUnsafe(ref target, k * width);
            first.GetUpper().StoreUnsafe(ref target, (k + 1) * width);
            second.GetLower().StoreUnsafe(ref target, (k + 2) * width);
            second.GetUpper().StoreUnsafe(ref target, (k + 3) * width);
        }
        for (; k < (nuint)terms; k++)
            (Unsafe.Add(ref target, k * width), Unsafe.Add(ref target, k * width + 1)) = (Unsafe.Add(ref source, k), Unsafe.Add(ref source, stride + k));
    }

    /// <summary>Some terms of four rows of the source, to four columns of the target.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TurnFour(ref float source, nuint stride, int terms, ref float target, nuint width)
    {
        nuint k = 0;
        for (; k + 4 <= (nuint)terms; k += 4)
        {
            Lanes128.Interleave(Vector128.LoadUnsafe(ref source, k), Vector128.LoadUnsafe(ref source, 2 * stride + k), out var a, out var b);
            Lanes128.Interleave(Vector128.LoadUnsafe(ref source, stride + k), Vector128.LoadUnsafe(ref source, 3 * stride + k), out var c, out var d);
            Lanes128.Interleave(a, c, out var first, out var second);
            Lanes128.Interleave(b, d, out var third, out var fourth);
            first.StoreUnsafe(ref target, k * width);
            second.StoreUnsafe(ref target, (k + 1) * width);
            third.StoreUnsafe(ref target, (k + 2) * width);
            fourth.StoreUnsafe(ref target, (k + 3) * width);
        }
        for (; k < (nuint)terms; k++)
        {
            for (nuint row = 0; row < 4; row++)
                Unsafe.Add(ref target, k * width + row) = Unsafe.Add(ref source, row * stride + k);
        }
    }
}
