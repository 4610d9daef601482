using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
        bool direct = Matrix.Type == DataType.F32;
        using var line = new Scratch(direct ? 0 : count);
        for (int k = 0; k < depth; k++)
        {
            long element = (long)(start + k) * Matrix.Shape.Columns + first;
            if (!direct)
                Matrix.Type.Format.Read(Matrix.Storage, element, line.Floats);
            var row = direct ? Matrix.Storage.Floats(element, count) : line.Floats;
            for (int panel = 0; panel * width < count; panel++)
                Panel.CopyTerm(row[(panel * width)..], width, panels[((panel * depth + k) * width)..]);
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
            var panel = panels.Slice(i * depth, width * depth);
            long element = (long)(first + i) * columns + start;
            for (int row = 0; row < rows && !direct; row++)
                Matrix.Type.Format.Read(Matrix.Storage, element + (long)row * columns, lines.Floats.Slice(row * depth, depth));

            ref float source = ref MemoryMarshal.GetReference(direct ? Matrix.Storage.Floats(element, depth) : lines.Floats);
            Panel.Turn(ref source, (nuint)(direct ? columns : depth), rows, depth, width, panel);
        }
    }
}

/// <summary>Filling a panel [depth][width], in which the numbers that a tile reads at one step stand together.</summary>
internal static class Panel
{
    /// <summary>Up to <paramref name="width"/> numbers, and zeros for the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyTerm(ReadOnlySpan<float> from, int width, Span<float> to)
    {
        if (from.Length < width)
        {
            from.CopyTo(to);
            to[from.Length..width].Clear();
            return;
        }
        ref float source = ref MemoryMarshal.GetReference(from);
        ref float target = ref MemoryMarshal.GetReference(to[..width]);
        nuint i = 0;
        for (; i + 4 <= (nuint)width; i += 4)
            Vector128.LoadUnsafe(ref source, i).StoreUnsafe(ref target, i);
        for (; i < (nuint)width; i++)
            Unsafe.Add(ref target, i) = Unsafe.Add(ref source, i);
    }

    /// <summary>Rows of the source become columns of the panel; columns that have no row are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(ref float source, nuint stride, int rows, int depth, int width, Span<float> panel)
    {
        if (rows < width)
            panel.Clear();
        ref float target = ref MemoryMarshal.GetReference(panel);
        int row = 0;
        for (; row + 4 <= rows; row += 4)
            TurnFour(ref Unsafe.Add(ref source, (nuint)row * stride), stride, depth, ref Unsafe.Add(ref target, row), (nuint)width);
        for (; row + 2 <= rows; row += 2)
            TurnTwo(ref Unsafe.Add(ref source, (nuint)row * stride), stride, depth, ref Unsafe.Add(ref target, row), (nuint)width);
        for (; row < rows; row++)
        {
            for (int k = 0; k < depth; k++)
                Unsafe.Add(ref target, k * width + row) = Unsafe.Add(ref source, (nuint)row * stride + (nuint)k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnFour(ref float source, nuint stride, int depth, ref float target, nuint width)
    {
        nuint k = 0;
        for (; k + 4 <= (nuint)depth; k += 4)
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
        for (; k < (nuint)depth; k++)
        {
            for (nuint row = 0; row < 4; row++)
                Unsafe.Add(ref target, k * width + row) = Unsafe.Add(ref source, row * stride + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TurnTwo(ref float source, nuint stride, int depth, ref float target, nuint width)
    {
        for (nuint k = 0; k < (nuint)depth; k++)
        {
            Unsafe.Add(ref target, k * width) = Unsafe.Add(ref source, k);
            Unsafe.Add(ref target, k * width + 1) = Unsafe.Add(ref source, stride + k);
        }
    }
}
