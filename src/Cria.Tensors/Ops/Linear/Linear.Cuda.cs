namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void Linear(Tensor x, Tensor weight, Tensor y) => Linear(x, weight, y, adds: 0);

    internal override void LinearAdd(Tensor x, Tensor weight, Tensor y) => Linear(x, weight, y, adds: 1);

    private void Linear(Tensor x, Tensor weight, Tensor y, int adds)
    {
        if (MultipliesInFp8(weight) && x.Shape.Rows > FewRowsOfBlocks)
            LinearInFp8(x, weight, y, adds);
        else if (!LinearFew(x, weight, y, adds))
            WithWeight(weight, w => Multiply(new(x.Type, y.Type, weight.Shape.Rows, x.Shape.Rows, weight.Shape.Columns, TurnA: true, TurnB: false), w, x, y, adds));
    }

    internal override void LinearBackward(Tensor x, Tensor weight, Tensor dy, Tensor? dx, Tensor? dw)
    {
        int rows = dy.Shape.Rows, @in = weight.Shape.Columns, @out = weight.Shape.Rows;
        if (dx is not null && MultipliesInFp8(weight))
            LinearBackwardInFp8(weight, dy, dx);
        else if (dx is not null)
            WithWeight(weight, w => Multiply(new(dy.Type, dx.Type, @in, rows, @out, TurnA: false, TurnB: false), w, dy, dx, dx.Adds()));
        if (dw is not null)
            Multiply(new(dy.Type, dw.Type, @in, @out, rows, TurnA: false, TurnB: true), x.Storage.Pointer, dy, dw, dw.Adds());
    }

    // Products take both sides in one type. A weight of another one is brought to the activations' type for the moment of the product.
    private void WithWeight(Tensor weight, Action<nint> product)
    {
        if (weight.Type == ActivationType)
        {
            product(weight.Storage.Pointer);
            return;
        }
        using var scope = TensorScope.Begin();
        var copy = Empty(weight.Shape, ActivationType);
        Dequantize(weight, copy);
        product(copy.Storage.Pointer);
    }

    private void Multiply(MatrixProduct product, nint a, Tensor b, Tensor d, float beta)
    {
        Begin();
        products.Multiply(product, a, b.Storage.Pointer, d.Storage.Pointer, 1, beta, stream);
    }
}
