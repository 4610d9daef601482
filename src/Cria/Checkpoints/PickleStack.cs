namespace Cria.Checkpoints;

/// <summary>What a pickle has built so far: the stack, the marks in it and the numbered memory, all of bounded size.</summary>
internal sealed class PickleStack(string file)
{
    /// <summary>About the bytes that all values together may take. The largest LLaMA has 20,000 tensors, of about a kilobyte each.</summary>
    private const long MaxBytes = 32 << 20;

    private const int MaxDepth = 1 << 16;
    private const int BytesOfMemo = 48;

    private readonly List<object?> values = [];
    private readonly Stack<int> marks = [];
    private readonly Dictionary<uint, object?> memo = [];
    private long spent;

    public int MemoCount => memo.Count;

    public void Push(object? value, int bytes)
    {
        Spend(bytes);
        if (values.Count == MaxDepth)
            throw CheckpointException.PickleTooLarge(file);
        values.Add(value);
    }

    public object? Peek() => values.Count > Floor ? values[^1] : throw Damaged("takes a value where there is none");

    public object? Pop()
    {
        object? top = Peek();
        values.RemoveAt(values.Count - 1);
        return top;
    }

    public object?[] Pop(int count)
    {
        if (values.Count - Floor < count)
            throw Damaged("takes a value where there is none");
        object?[] taken = values.GetRange(values.Count - count, count).ToArray();
        values.RemoveRange(values.Count - count, count);
        return taken;
    }

    public void Mark()
    {
        if (marks.Count == MaxDepth)
            throw CheckpointException.PickleTooLarge(file);
        marks.Push(values.Count);
    }

    /// <summary>Everything above the last mark, and the mark is gone.</summary>
    public object?[] PopToMark()
    {
        if (marks.Count == 0)
            throw Damaged("goes back to a mark where there is none");
        object?[] taken = values.GetRange(marks.Peek(), values.Count - marks.Peek()).ToArray();
        values.RemoveRange(marks.Peek(), taken.Length);
        marks.Pop();
        return taken;
    }

    public void Remember(uint index)
    {
        if (!memo.ContainsKey(index))
            Spend(BytesOfMemo);
        memo[index] = Peek();
    }

    public object? Recall(uint index) => memo.TryGetValue(index, out object? value) ? value : throw Damaged($"recalls value {index}, which it never kept");

    public void Spend(long bytes)
    {
        spent += bytes;
        if (spent > MaxBytes)
            throw CheckpointException.PickleTooLarge(file);
    }

    public CheckpointException Damaged(string what) => CheckpointException.BadPickle(file, what);

    // A value below a mark belongs to somebody who has not closed it yet.
    private int Floor => marks.Count == 0 ? 0 : marks.Peek();
}
