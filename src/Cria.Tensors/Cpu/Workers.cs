namespace Cria.Tensors;

/// <summary>Threads that share the work of one operation. Work is split by index, so results do not depend on their number.</summary>
internal sealed class Workers(int count) : IDisposable
{
    public int Count => count;

    /// <summary>Runs <paramref name="body"/> for 0 … parts − 1, in any order, on all workers, and waits for the end.</summary>
    public void For(int parts, Action<int> body)
    {
        if (count == 1 || parts <= 1)
        {
            for (int i = 0; i < parts; i++)
                body(i);
        }
        else
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = count }, body);
        }
    }

    public void Dispose()
    {
    }
}
