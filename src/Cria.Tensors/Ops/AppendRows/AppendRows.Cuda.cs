namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int MostHalfHead = 512;

    private readonly FewTurns turns = new();

    internal override void AppendRowsChecked(Tensor from, Tensor to, IReadOnlyList<AttentionSpan> spans)
    {
        // Many rows of one span are one copy. Else the card finds the place of each row, which is another one when work that was recorded runs again.
        if (recording is null && from.Shape.Rows > FewRows && spans.Count == 1)
        {
            base.AppendRowsChecked(from, to, spans);
            return;
        }
        RefuseWithinAnother();
        var lists = ListsOf([.. spans]);
        var append = new FewAppend(from.Type, from.Storage.Pointer, to.Storage.Pointer, from.Shape.Columns, lists.Spans, lists.Queries(1));
        if (turns.TakesKeys(append))
        {
            turns.Add(append);
        }
        else if (turns.TakesValues(append))
        {
            RotateAndAppend(append);
        }
        else
        {
            Begin();
            Append(append);
        }
    }

    // A turn of few rows waits: that of the keys, and their way into the cache, go into the same launch.
    private bool TurnWaits(Tensor x, Tensor angles, Tensor y)
    {
        int half = angles.Shape.Columns / 2;
        if (x.Shape.Rows > FewRows || half > MostHalfHead)
            return false;
        var turn = new FewTurn(x.Type, x.Storage.Pointer, angles.Storage.Pointer, y.Storage.Pointer, x.Shape.Rows, x.Shape.Columns, half);
        RefuseWithinAnother();
        if (!turns.Takes(turn))
            Begin();
        turns.Add(turn);
        return true;
    }

    private void FlushTurns()
    {
        if (turns.Turns.Count == 0)
            return;
        var (all, append) = (turns.Turns.ToArray(), turns.Append);
        turns.Clear();
        foreach (var turn in all)
            Turn(turn, direction: 1, adds: 0);
        if (append is { } keys)
            Append(keys);
    }

    private void Append(FewAppend append) => LaunchNow(
        Start.Early, append.Type, "append_rows", "append_rows", append.List.Count, 1, 1, RowThreads, 0,
        append.From, append.Spans, append.List.Pointer, append.To, append.Columns);

    private void RotateAndAppend(FewAppend values)
    {
        var (q, k, keys) = (turns.Turns[0], turns.Turns[1], turns.Append!.Value);
        turns.Clear();
        int size = 2 * q.Half, heads = q.Columns / size, keyHeads = k.Columns / size;
        LaunchNow(
            Start.Early, q.Type, "append_rows", "rotate_append", heads + 2 * keyHeads, q.Rows, 1, q.Half, 0,
            q.X, q.Y, k.X, k.Y, values.From, keys.To, values.To, q.Angles, keys.Spans, keys.List.Pointer, heads, keyHeads, q.Half);
    }
}
