namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>
    /// A linear layer and a product of low rank beside it, in one result: <c>y = x Wᵀ + c · (x′ Aᵀ) Bᵀ</c>. The second term is added where the
    /// first one lies, so it never exists by itself.
    /// </summary>
    /// <remarks>Hu et al. 2021, <see href="https://arxiv.org/abs/2106.09685"/>, equation 3.</remarks>
    /// <param name="weight">W (out, in), of any storage type.</param>
    /// <param name="input">x′ (N, in): x itself, or what dropout left of it.</param>
    /// <param name="a">A (r, in).</param>
    /// <param name="b">B (out, r).</param>
    /// <param name="scale">c; it is put on the r numbers of each row between the products.</param>
    public Tensor LinearWithLowRank(Tensor weight, Tensor input, Tensor a, Tensor b, float scale) =>
        Op.Run(new LowRankOp(Activated(), weight, input == this ? Activated() : input.Activated(), a, b, scale));
}

internal sealed class LowRankOp(Tensor x, Tensor weight, Tensor input, Tensor a, Tensor b, float scale) : Op(x, weight, input, a, b)
{
    private Tensor narrow = null!;      // c · x′ Aᵀ (N, r): of it Backward makes dB

    internal override IEnumerable<Tensor?> Reads =>
        [weight, a, b, weight.RequiresGradient ? x : null, a.RequiresGradient ? input : null, b.RequiresGradient ? narrow : null];

    protected override Tensor Forward(Backend on)
    {
        Expect.Columns("LinearWithLowRank", $"the columns of x for a weight of {weight.Shape}", weight.Shape.Columns, x);
        Expect.Shape("LinearWithLowRank", "the input of A is like x", x.Shape, input);
        Expect.Columns("LinearWithLowRank", $"the columns of A for a weight of {weight.Shape}", weight.Shape.Columns, a);
        Expect.Shape("LinearWithLowRank", $"B for a weight of {weight.Shape} and an A of {a.Shape}", new Shape(weight.Shape.Rows, a.Shape.Rows), b);
        narrow = on.Empty(x.Shape.WithColumns(a.Shape.Rows), x.Type);
        on.Linear(input, a, narrow);
        on.Scale(narrow, scale, narrow);
        var y = on.Empty(x.Shape.WithColumns(weight.Shape.Rows), x.Type);
        on.LinearWithLowRank(x, weight, narrow, b, y);
        return y;
    }

    // Write n = c · x′ Aᵀ:
    //   dn = dy B,  dB = dyᵀ n
    //   dx′ = c · dn A,  dA = c · dnᵀ x′
    //   dx = dy W,  dW = dyᵀ x
    protected override void Backward(Backend on, Tensor dy)
    {
        using var scope = TensorScope.Begin();
        var dNarrow = on.Fresh(narrow.Shape, narrow.Type);
        on.LinearBackward(narrow, b, dy, dNarrow, GradientOf(b));
        on.Scale(dNarrow, scale, dNarrow);
        on.LinearBackward(input, a, dNarrow, input == x ? null : GradientOf(input), GradientOf(a));
        if (input == x && GradientOf(x) is { } dx)
            on.LinearWithLowRankBackward(x, weight, dy, a, dNarrow, dx);
        on.LinearBackward(x, weight, dy, input == x ? null : GradientOf(x), GradientOf(weight));
    }
}

public abstract partial class Backend
{
    /// <summary><c>y = x Wᵀ + n Bᵀ</c>.</summary>
    internal virtual void LinearWithLowRank(Tensor x, Tensor weight, Tensor narrow, Tensor b, Tensor y)
    {
        Linear(x, weight, y);
        LinearAdd(narrow, b, y);
    }

    /// <summary>Adds <c>dy W + dn A</c> into <paramref name="dx"/>.</summary>
    internal virtual void LinearWithLowRankBackward(Tensor x, Tensor weight, Tensor dy, Tensor a, Tensor dNarrow, Tensor dx)
    {
        LinearBackward(x, a, dNarrow, dx, dw: null);
        LinearBackward(x, weight, dy, dx, dw: null);
    }

    /// <summary><c>y += x Wᵀ</c>.</summary>
    internal virtual void LinearAdd(Tensor x, Tensor weight, Tensor y)
    {
        using var scope = TensorScope.Begin();
        var product = Empty(y.Shape, y.Type);
        Linear(x, weight, product);
        Add(y, product, y);
    }
}
