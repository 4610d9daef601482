using Cria.Tensors.Quantization;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    // So many tokens cost less one by one than unpacked weights do, which pay from then on.
    private const int SingleRows = 3;

    // Up to so many rows, a dot product along the rows of both sides beats tiles, for which one of them would be packed.
    private const int FewRows = 8, FewOutputs = 16;

    private const long LeastBytesOfPart = 16 * 1024;

    // Of weights: half of a second cache at most, beside the activations.
    private const long NearBytes = 128 * 1024;

    internal override void Linear(Tensor x, Tensor weight, Tensor y)
    {
        if (weight.Storage.RowLength > 0 && x.Shape.Rows <= FewRows)
            LinearSideBySide(x, weight, y);
        else if (x.Shape.Rows <= SingleRows)
            LinearOfSingleRows(x, weight, y);
        else if (x.Shape.Rows <= FewRows)
            new ThinProduct(this, weight, x, new ProductTarget(y, Turned: true, Add: false)).Run();
        else if (weight.Shape.Rows <= FewOutputs)
            LinearToFew(x, weight, y);
        else
            Product.Run(this, new Operand(x, SumsRows: false), new Operand(weight, SumsRows: false), new ProductTarget(y, Turned: false, Add: false));
    }

    internal override void LinearAdd(Tensor x, Tensor weight, Tensor y)
    {
        if (x.Shape.Rows > FewRows && weight.Shape.Rows > FewOutputs)
            Product.Run(this, new Operand(x, SumsRows: false), new Operand(weight, SumsRows: false), new ProductTarget(y, Turned: false, Add: true));
        else
            base.LinearAdd(x, weight, y);
    }

    internal override void LinearBackward(Tensor x, Tensor weight, Tensor dy, Tensor? dx, Tensor? dw)
    {
        if (dx is not null && weight.Shape.Columns <= FewOutputs)
            LinearBackwardToFew(weight, dy, dx);
        else if (dx is not null)
            Product.Run(this, new Operand(dy, SumsRows: false), new Operand(weight, SumsRows: true), new ProductTarget(dx, Turned: false, Add: true));

        if (dw is null)
            return;
        // Columns are what vectors hold: a side that is shorter than some vectors becomes the rows.
        var (outputs, inputs) = (new Operand(dy, SumsRows: true), new Operand(x, SumsRows: true));
        bool turned = inputs.Count <= 2 * FewOutputs && outputs.Count > inputs.Count;
        Product.Run(this, turned ? inputs : outputs, turned ? outputs : inputs, new ProductTarget(dw, turned, Add: true));
    }

    // One token: every weight is read once, so this runs at the speed of the memory, straight from the blocks.
    private void LinearOfSingleRows(Tensor x, Tensor weight, Tensor y)
    {
        var format = weight.Type.Format;
        int columns = weight.Shape.Columns, outputs = weight.Shape.Rows;
        var parts = new FallingParts(outputs, (int)(LeastBytesOfPart * outputs / Math.Max(1, weight.Storage.Length)), Threads);
        var arranged = Allocate(DataType.F32.Bytes(x.Shape.Length));
        for (int n = 0; n < x.Shape.Rows; n++)
            format.Arrange(x.Row(n), arranged.Floats((long)n * columns, columns));
        Workers.For(parts.Count, part =>
        {
            var (first, count) = parts[part];
            for (int n = 0; n < x.Shape.Rows; n++)
                format.Dot(weight.Storage, (long)first * columns, arranged.Floats((long)n * columns, columns), y.Row(n).Slice(first, count));
        });
        Recycle(arranged);
    }

    // The same where eight rows lie side by side. Some rows of x share one pass over the weights.
    private void LinearSideBySide(Tensor x, Tensor weight, Tensor y)
    {
        var rows = weight.Type.Format.SideBySide!;
        int columns = weight.Shape.Columns, outputs = weight.Shape.Rows;
        var parts = new FallingParts(outputs / SideBySide.Rows, (int)(LeastBytesOfPart * outputs / SideBySide.Rows / weight.Storage.Length), Threads);
        var arranged = Allocate(DataType.F32.Bytes(x.Shape.Length));
        for (int n = 0; n < x.Shape.Rows; n++)
            rows.Arrange(x.Row(n), arranged.Floats((long)n * columns, columns));
        // What is read for the first of them is near for the others.
        int near = (int)Math.Max(1, NearBytes * outputs / SideBySide.Rows / weight.Storage.Length);
        Workers.For(parts.Count, part =>
        {
            var (start, all) = parts[part];
            for (int first = start; first < start + all; first += near)
            {
                int count = Math.Min(near, start + all - first);
                for (int n = 0; n < x.Shape.Rows; n += SideBySide.MostActivations)
                {
                    int some = Math.Min(SideBySide.MostActivations, x.Shape.Rows - n);
                    rows.Dot(weight.Storage, first, count, arranged.Floats((long)n * columns, some * columns), ref y.Row(n)[first * SideBySide.Rows], outputs);
                }
            }
        });
        Recycle(arranged);
    }

    private void LinearToFew(Tensor x, Tensor weight, Tensor y)
    {
        if (weight.Type == DataType.F32)
        {
            new ThinProduct(this, x, weight, new ProductTarget(y, Turned: false, Add: false)).Run();
            return;
        }
        var unpacked = Allocate(DataType.F32.Bytes(weight.Shape.Length));
        var few = new Tensor(weight.Shape, DataType.F32, this, unpacked);
        weight.Type.Format.Read(weight.Storage, 0, few.Floats());
        new ThinProduct(this, x, few, new ProductTarget(y, Turned: false, Add: false)).Run();
        Recycle(unpacked);
    }

    private void LinearBackwardToFew(Tensor weight, Tensor dy, Tensor dx)
    {
        int inputs = weight.Shape.Columns, outputs = weight.Shape.Rows;
        var turned = Allocate(DataType.F32.Bytes(weight.Shape.Length));
        var few = new Tensor(new Shape(inputs, outputs), DataType.F32, this, turned);
        using var rows = new Scratch(inputs * outputs);
        weight.Type.Format.Read(weight.Storage, 0, rows.Floats);
        Panel.Turn(ref rows.Floats[0], (nuint)inputs, outputs, inputs, outputs, few.Floats());
        new ThinProduct(this, dy, few, new ProductTarget(dx, Turned: false, Add: true)).Run();
        Recycle(turned);
    }
}
