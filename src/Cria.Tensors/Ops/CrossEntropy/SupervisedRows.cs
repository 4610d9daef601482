namespace Cria.Tensors;

/// <summary>The rows of a batch that have a target, in pieces, so that there are never more logits than a piece has.</summary>
internal sealed class SupervisedRows
{
    private readonly int piece;

    public SupervisedRows(string op, Tensor hidden, Tensor head, int[] targets)
    {
        Expect.Activation(op, hidden);
        Expect.Columns(op, $"the columns of the hidden states for a head of {head.Shape}", head.Shape.Columns, hidden);
        Expect.SameLength(op, "the count of targets", hidden.Shape.Rows, targets.Length);
        foreach (int target in targets)
        {
            if (target != Tensor.NoTarget && (uint)target >= (uint)head.Shape.Rows)
                throw ShapeException.Id(op, target, head.Shape.Rows);
        }
        Rows = [.. Enumerable.Range(0, targets.Length).Where(row => targets[row] != Tensor.NoTarget)];
        Targets = Rows.Length == targets.Length ? targets : [.. Rows.Select(row => targets[row])];      // recorded work reads the caller's array again
        piece = (int)Math.Clamp(hidden.Device.LogitsBytes / Math.Max(1, hidden.Type.Bytes(head.Shape.Rows)), 1, int.MaxValue);
    }

    /// <summary>Which rows of the batch.</summary>
    public int[] Rows { get; }

    /// <summary>The target of each of <see cref="Rows"/>.</summary>
    public int[] Targets { get; }

    /// <summary>Gathers each piece's rows, computes their logits, and hands them over.</summary>
    public void ForEachPiece(Backend on, Tensor hidden, Tensor head, Action<LogitsPiece> body)
    {
        for (int start = 0; start < Rows.Length; start += piece)
        {
            using var scope = TensorScope.Begin();
            int[] rows = Rows[start..Math.Min(Rows.Length, start + piece)];
            var x = on.Empty(new Shape(rows.Length, hidden.Shape.Columns), hidden.Type);
            on.Embedding(hidden, rows, x);
            var logits = on.Empty(new Shape(rows.Length, head.Shape.Rows), hidden.Type);
            on.Linear(x, head, logits);
            body(new LogitsPiece(start, rows, Targets.AsMemory(start, rows.Length), x, logits));
        }
    }
}

/// <summary>Some supervised rows: gone when the next piece comes.</summary>
/// <param name="Start">The index of the first one among all supervised rows.</param>
/// <param name="Rows">Which rows of the batch.</param>
/// <param name="Targets">Their targets.</param>
/// <param name="X">Their hidden states (n, d).</param>
/// <param name="Logits">Their logits (n, V).</param>
internal readonly record struct LogitsPiece(int Start, int[] Rows, ReadOnlyMemory<int> Targets, Tensor X, Tensor Logits);
