namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void LinearWithLowRank(Tensor x, Tensor weight, Tensor narrow, Tensor b, Tensor y)
    {
        if (IsTiled(x, weight.Shape.Rows) && IsTail(b, b.Shape.Columns))
            Product.Run(
                this, new Operand(x, SumsRows: false), new Operand(weight, SumsRows: false), new ProductTarget(y, Turned: false, Add: false),
                new ProductTail(new Operand(narrow, SumsRows: false), new Operand(b, SumsRows: false)));
        else
            base.LinearWithLowRank(x, weight, narrow, b, y);
    }

    internal override void LinearWithLowRankBackward(Tensor x, Tensor weight, Tensor dy, Tensor a, Tensor dNarrow, Tensor dx)
    {
        if (IsTiled(dy, weight.Shape.Columns) && IsTail(a, a.Shape.Rows))
            Product.Run(
                this, new Operand(dy, SumsRows: false), new Operand(weight, SumsRows: true), new ProductTarget(dx, Turned: false, dx.Adds() == 1),
                new ProductTail(new Operand(dNarrow, SumsRows: false), new Operand(a, SumsRows: true)));
        else
            base.LinearWithLowRankBackward(x, weight, dy, a, dNarrow, dx);
    }

    private static bool IsTiled(Tensor x, int outputs) => x.Shape.Rows > FewRows && outputs > FewOutputs;

    private static bool IsTail(Tensor factor, int terms) => factor.Type == DataType.F32 && terms <= ProductTail.MostTerms;
}
