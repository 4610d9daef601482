using System.Runtime.InteropServices;
using Cria.Tensors.Quantization;

namespace Cria.Tensors;

/// <summary>Panels of 16-bit integers, for weights that are small whole numbers with scales: twice as many products to an instruction as of floats.</summary>
/// <remarks>
/// Activations are rounded to 16 bits with a scale for each 32 (<see cref="WideActivations"/>), as they are for single rows. Part by part a
/// panel holds the scales of its lanes, then with offsets the sums that these are multiplied with, then pairs of neighbouring terms, each
/// pair in the place of a float.
/// </remarks>
internal static class IntegerPanel
{
    /// <summary>Whether both sides can be packed so: terms along the rows, f32 against whole blocks of whole numbers.</summary>
    public static bool Fits(Operand a, Operand b) =>
        !a.SumsRows && !b.SumsRows && a.Matrix.Type == DataType.F32 &&
        b.Matrix.Type.Format.IntegerPart > 0 && b.Depth % Math.Max(b.Matrix.Type.BlockLength, WideActivations.Length) == 0;

    /// <summary>As <see cref="Operand.Pack"/>, for floats that are rounded.</summary>
    public static void PackActivations(Tensor x, int first, int count, int width, int start, int terms, TileShape shape, Span<float> panels)
    {
        using var lines = new Lines(width, terms, shape);
        for (int i = 0; i < count; i += width)
        {
            int rows = Math.Min(width, count - i);
            for (int row = 0; row < rows; row++)
            {
                var numbers = x.Storage.Floats((long)(first + i + row) * x.Shape.Columns + start, terms);
                Round(numbers, shape, lines.Codes(row), lines.Scales(row), lines.Offsets(row));
            }
            lines.Turn(rows, panels.Slice(i / width * shape.PanelFloats(width, terms), shape.PanelFloats(width, terms)));
        }
    }

    /// <summary>As <see cref="Operand.Pack"/>, for blocks of whole numbers.</summary>
    public static void PackWeights(Tensor weight, int first, int count, int width, int start, int terms, TileShape shape, Span<float> panels)
    {
        if (weight.Storage.RowLength > 0)
        {
            weight.Type.Format.SideBySide!.Pack(weight.Storage, first, count, width, start, terms, shape, panels);
            return;
        }
        using var lines = new Lines(width, terms, shape);
        for (int i = 0; i < count; i += width)
        {
            int rows = Math.Min(width, count - i);
            for (int row = 0; row < rows; row++)
            {
                long element = (long)(first + i + row) * weight.Shape.Columns + start;
                weight.Type.Format.ReadIntegers(weight.Storage, element, lines.Codes(row), lines.Scales(row), lines.Offsets(row));
            }
            lines.Turn(rows, panels.Slice(i / width * shape.PanelFloats(width, terms), shape.PanelFloats(width, terms)));
        }
    }

    private static void Round(ReadOnlySpan<float> x, TileShape shape, Span<short> codes, Span<float> scales, Span<float> sums)
    {
        const int Block = WideActivations.Length;
        for (int i = 0; i < x.Length; i += Block)
        {
            float scale = WideActivations.Round(x.Slice(i, Block), codes.Slice(i, Block));
            for (int k = i; k < i + Block; k += shape.Part)
            {
                scales[k / shape.Part] = scale;
                if (shape.HeadLines > 1)
                    sums[k / shape.Part] = scale * WideActivations.Sum(codes.Slice(k, shape.Part));
            }
        }
    }

    /// <summary>The rows of one panel before they are turned.</summary>
    private readonly ref struct Lines : IDisposable
    {
        private readonly Scratch memory;
        private readonly int width, terms;
        private readonly TileShape shape;

        public Lines(int width, int terms, TileShape shape)
        {
            (this.width, this.terms, this.shape) = (width, terms, shape);
            memory = new Scratch(width * (terms / 2 + 2 * shape.Parts(terms)));
        }

        public Span<short> Codes(int row) => MemoryMarshal.Cast<float, short>(memory.Floats.Slice(row * (terms / 2), terms / 2));

        public Span<float> Scales(int row) => memory.Floats.Slice(width * (terms / 2) + row * Parts, Parts);

        public Span<float> Offsets(int row) => memory.Floats.Slice(width * (terms / 2 + Parts) + row * Parts, Parts);

        private int Parts => shape.Parts(terms);

        public void Turn(int rows, Span<float> panel)
        {
            int size = shape.PartFloats(width), head = shape.HeadLines * width, steps = shape.Part / 2;
            for (int part = 0; part < Parts; part++)
            {
                var to = panel.Slice(part * size, size);
                to[..head].Clear();
                for (int row = 0; row < rows; row++)
                {
                    to[row] = Scales(row)[part];
                    if (shape.HeadLines > 1)
                        to[width + row] = Offsets(row)[part];
                }
                Panel.Turn(ref memory.Floats[part * steps], (nuint)(terms / 2), rows, steps, width, to[head..]);
            }
        }

        public void Dispose() => memory.Dispose();
    }
}
