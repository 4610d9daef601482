namespace Cria.Tensors;

public sealed partial class Tensor
{
    /// <summary>The target of a row that is not supervised.</summary>
    public const int NoTarget = -100;

    /// <summary>
    /// The output head and its loss in one: <c>y = scale · Σ over supervised rows of −ln softmax(h Wᵀ)[target]</c>. Logits exist only for
    /// supervised rows, a piece at a time.
    /// </summary>
    /// <param name="head">W (V, d), of any storage type.</param>
    /// <param name="targets">A token id for each of the N rows of these hidden states (N, d), or <see cref="NoTarget"/>.</param>
    /// <param name="scale">For a mean: 1 / (supervised tokens of the whole batch, all its parts together).</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or a target lies outside of the vocabulary.</exception>
    public Tensor CrossEntropy(Tensor head, int[] targets, float scale) => Op.Run(new CrossEntropyOp(Activated(), head, targets, scale));

    /// <summary><c>ln softmax(h Wᵀ)[target]</c> for each row, for scoring: no gradient.</summary>
    /// <param name="head">W (V, d), of any storage type.</param>
    /// <param name="targets">A token id for each of the N rows of these hidden states (N, d), or <see cref="NoTarget"/>.</param>
    /// <returns>(N); 0 for rows without a target.</returns>
    /// <exception cref="ShapeException">Sizes do not fit, or a target lies outside of the vocabulary.</exception>
    public Tensor LogProbabilities(Tensor head, int[] targets)
    {
        var supervised = new SupervisedRows("LogProbabilities", this, head, targets);
        var y = Device.Zeros(new Shape(Shape.Rows, 1));
        supervised.ForEachPiece(Device, this, head, piece =>
        {
            var losses = Device.Empty(new Shape(piece.Rows.Length, 1));
            Device.CrossEntropy(piece.Logits, piece.Targets, losses, gradientScale: null);
            Device.Scale(losses, -1, losses);
            Device.EmbeddingBackward(losses, piece.Rows, y);
        });
        return y.View(new Shape(Shape.Rows));
    }
}

internal sealed class CrossEntropyOp(Tensor hidden, Tensor head, int[] targets, float scale) : Op(hidden, head)
{
    private SupervisedRows supervised = null!;
    private Tensor? dSupervised;    // (supervised rows, d): made in Forward while the logits are there, where the head is frozen

    internal override IEnumerable<Tensor?> Reads => [head, head.RequiresGradient ? hidden : null, dSupervised];

    protected override Tensor Forward(Backend on)
    {
        supervised = new SupervisedRows("CrossEntropy", hidden, head, targets);
        var losses = on.Empty(new Shape(supervised.Rows.Length, 1));
        if (WillGoBackward && !head.RequiresGradient)
            dSupervised = on.Empty(new Shape(supervised.Rows.Length, hidden.Shape.Columns), hidden.Type);
        supervised.ForEachPiece(on, hidden, head, piece => ForwardPiece(on, piece, losses));
        var y = on.Empty(default);
        on.Sum(losses, scale, y);
        return y;
    }

    // Write p = softmax(h Wᵀ):
    //   dlogits = dy · scale · (p − 1 at the target)
    //   dh = dlogits W,  dW = dlogitsᵀ h
    protected override void Backward(Backend on, Tensor dy)
    {
        if (dSupervised is null)
        {
            supervised.ForEachPiece(on, hidden, head, piece => BackwardPiece(on, piece, dy));
        }
        else if (GradientOf(hidden) is { } dHidden)
        {
            on.ScaleBy(dSupervised, dy, dSupervised);
            on.EmbeddingBackward(dSupervised, supervised.Rows, dHidden);
        }
    }

    private void ForwardPiece(Backend on, LogitsPiece piece, Tensor losses)
    {
        int rows = piece.Rows.Length;
        var part = on.Empty(new Shape(rows, 1));
        on.CrossEntropy(piece.Logits, piece.Targets, part, gradientScale: dSupervised is null ? null : scale);
        on.CopyRows(part, 0, losses, piece.Start, rows);
        if (dSupervised is null)
            return;
        var dx = on.Fresh(piece.X.Shape, piece.X.Type);
        on.LinearBackward(piece.X, head, piece.Logits, dx, dw: null);
        on.CopyRows(dx, 0, dSupervised, piece.Start, rows);
    }

    private void BackwardPiece(Backend on, LogitsPiece piece, Tensor dy)
    {
        on.CrossEntropy(piece.Logits, piece.Targets, losses: null, gradientScale: scale, times: dy);
        var dHidden = GradientOf(hidden);
        var dx = dHidden is null ? null : on.Fresh(piece.X.Shape, piece.X.Type);
        on.LinearBackward(piece.X, head, piece.Logits, dx, GradientOf(head));
        if (dHidden is not null)
            on.EmbeddingBackward(dx!, piece.Rows, dHidden);
    }
}

public abstract partial class Backend
{
    /// <summary>
    /// Sets <paramref name="losses"/> to −ln softmax(logits)[target] of each row, unless null; and, given a scale, turns the logits into
    /// their gradient, scale · (softmax − 1 at the target), the scale times the scalar <paramref name="times"/> unless null.
    /// </summary>
    internal abstract void CrossEntropy(Tensor logits, ReadOnlyMemory<int> targets, Tensor? losses, float? gradientScale, Tensor? times = null);

    /// <summary><c>y = scale · Σ x</c>, summed in order and in double precision.</summary>
    internal abstract void Sum(Tensor x, float scale, Tensor y);
}
