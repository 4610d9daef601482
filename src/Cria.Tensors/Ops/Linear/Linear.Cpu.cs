namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    // Up to so many rows, a dot product along the rows of both sides beats tiles, for which one of them would be packed.
    private const int FewRows = 8, FewOutputs = 16;

    internal override void Linear(Tensor x, Tensor weight, Tensor y)
    {
        if (RowProducts.Fits(x, weight))
            new RowProducts(this, x, [weight], [y]).Run();
        else if (x.Shape.Rows <= FewRows)
            ThinProduct.Run(this, weight, x, new ProductTarget(y, Turned: true, Add: false));
        else if (weight.Shape.Rows <= FewOutputs)
            LinearToFew(x, weight, y);
        else
            Product.Run(this, new Operand(x, SumsRows: false), new Operand(weight, SumsRows: false), new ProductTarget(y, Turned: false, Add: false));
    }

    internal override void LinearEach(Tensor x, ReadOnlySpan<Tensor> weights, ReadOnlySpan<Tensor> ys)
    {
        bool fit = weights.Length > 0;
        foreach (var weight in weights)
            fit &= RowProducts.Fits(x, weight);
        if (fit)
            new RowProducts(this, x, weights, ys).Run();
        else
            base.LinearEach(x, weights, ys);
    }

    internal override void LinearAdd(Tensor x, Tensor weight, Tensor y)
    {
        if (IsTiled(x, weight.Shape.Rows))
            Product.Run(this, new Operand(x, SumsRows: false), new Operand(weight, SumsRows: false), new ProductTarget(y, Turned: false, Add: true));
        else
            base.LinearAdd(x, weight, y);
    }

    internal override void LinearBackward(Tensor x, Tensor weight, Tensor dy, Tensor? dx, Tensor? dw)
    {
        if (dx is not null && weight.Shape.Columns <= FewOutputs)
            LinearBackwardToFew(weight, dy, dx);
        else if (dx is not null)
            Product.Run(this, new Operand(dy, SumsRows: false), new Operand(weight, SumsRows: true), new ProductTarget(dx, Turned: false, dx.Adds() == 1));

        if (dw is null)
            return;
        // Columns are what vectors hold: a side that is shorter than some vectors becomes the rows.
        var (outputs, inputs) = (new Operand(dy, SumsRows: true), new Operand(x, SumsRows: true));
        bool turned = inputs.Count <= 2 * FewOutputs && outputs.Count > inputs.Count;
        Product.Run(this, turned ? inputs : outputs, turned ? outputs : inputs, new ProductTarget(dw, turned, dw.Adds() == 1));
    }

    private void LinearToFew(Tensor x, Tensor weight, Tensor y)
    {
        if (weight.Type == DataType.F32)
        {
            ThinProduct.Run(this, x, weight, new ProductTarget(y, Turned: false, Add: false));
            return;
        }
        var unpacked = Allocate(DataType.F32.Bytes(weight.Shape.Length));
        var few = new Tensor(weight.Shape, DataType.F32, this, unpacked);
        weight.Type.Format.Read(weight.Storage, 0, few.Floats());
        ThinProduct.Run(this, x, few, new ProductTarget(y, Turned: false, Add: false));
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
        ThinProduct.Run(this, dy, few, new ProductTarget(dx, Turned: false, dx.Adds() == 1));
        Recycle(turned);
    }
}
