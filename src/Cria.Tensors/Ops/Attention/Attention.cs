namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>
    /// Scaled dot-product attention of each head: <c>y = softmax(c · q kᵀ) v</c> over the keys that <paramref name="spans"/> let a query see.
    /// </summary>
    /// <remarks>
    /// Vaswani et al. 2017, <see href="https://arxiv.org/abs/1706.03762"/>, equation 1, with grouped heads (Ainslie et al. 2023,
    /// <see href="https://arxiv.org/abs/2305.13245"/>): head h reads key head ⌊h / (H / K)⌋. The scores are never stored (Dao et al. 2022,
    /// <see href="https://arxiv.org/abs/2205.14135"/>): beyond y there is one number for each row and head.
    /// </remarks>
    /// <param name="q">Queries (N, H·D), an activation.</param>
    /// <param name="k">Keys (M, K·D), an activation or, without a gradient, one of <see cref="Backend.CacheTypes"/> whose blocks divide D.</param>
    /// <param name="v">Values (M, K·D), as the keys.</param>
    /// <param name="headSize">D.</param>
    /// <param name="spans">Who sees whom. No query row in two spans; rows in none get zeros.</param>
    /// <param name="scale">c; 1/√D where null.</param>
    /// <returns>y (N, H·D).</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or a span leaves the rows, shares queries, or is causal with fewer keys than queries.</exception>
    public static Tensor Attend(Tensor q, Tensor k, Tensor v, int headSize, IReadOnlyList<AttentionSpan> spans, float? scale = null) =>
        Op.Run(new AttentionOp(q.Activated(), k.ActivatedOrCached(), v.ActivatedOrCached(), AttentionLayout.Of(q, k, v, headSize, spans, scale)));

    private Tensor ActivatedOrCached() => Type != DataType.F32 && Device.CacheTypes.Contains(Type) ? this : Activated();
}

internal sealed class AttentionOp(Tensor q, Tensor k, Tensor v, AttentionLayout layout) : Op(q, k, v)
{
    private Tensor? logSums;    // ln Σ exp(c · q k) for each row and head: of it Backward makes the probabilities again

    internal override IEnumerable<Tensor?> Reads => [q, k, v, Output, logSums];

    protected override Tensor Forward(Backend on)
    {
        var y = on.Empty(q.Shape, q.Type);
        if (!layout.CoversAllQueries)
            on.Fill(y, 0);
        logSums = WillGoBackward ? on.Empty(new Shape(layout.Heads, q.Shape.Rows)) : null;
        on.Attend(q, k, v, layout, y, logSums);
        return y;
    }

    // Write p = softmax(c · q kᵀ), δ = Σ over the row of dy·y:
    //   dv = pᵀ dy
    //   ds = c · p · (dy vᵀ − δ)
    //   dq = ds k,  dk = dsᵀ q
    protected override void Backward(Backend on, Tensor dy) =>
        on.AttendBackward(q, k, v, layout, Output, logSums!, dy, dq: GradientOf(q), dk: GradientOf(k), dv: GradientOf(v));
}

public abstract partial class Backend
{
    /// <summary>Sets the rows of <paramref name="y"/> that a span covers, and their <paramref name="logSums"/> (H, N) unless null.</summary>
    internal abstract void Attend(Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor? logSums);

    /// <summary>Adds into the gradients; a null one is skipped.</summary>
    internal abstract void AttendBackward(
        Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor logSums, Tensor dy, Tensor? dq, Tensor? dk, Tensor? dv);
}
