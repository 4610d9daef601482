using System.Runtime.ExceptionServices;

namespace Cria.Tensors;

/// <summary>Threads that share the work of one operation. Work is split by index, so results do not depend on their number.</summary>
/// <remarks>
/// Between two operations of a step a few microseconds pass: the threads spin that long before they sleep. The caller works too. Who
/// calls while another caller is served, or from inside a body, works alone. The threads start with the first work.
/// </remarks>
internal sealed class Workers : IDisposable
{
    // About 40 µs: longer than what passes between two operations, shorter than what waking a thread costs the others.
    private const int Spins = 1_000;

    private readonly Lock starting = new();
    private readonly object gate = new();
    private Thread[]? threads;
    private Action<int> body = static _ => { };
    private int parts;
    private long open;              // low half: parts that nobody has begun; high half: the number of this job
    private int unfinished;
    private Exception? failure;
    private int busy;
    private int sleeping;
    private volatile bool stopping;

    /// <param name="count">How many threads work, the caller's included.</param>
    public Workers(int count) => Count = count;

    public int Count { get; }

    /// <summary>Runs <paramref name="body"/> for 0 … parts − 1, in any order, on all workers, and waits for the end.</summary>
    /// <exception cref="Exception">The first one that a body threw, after all parts have ended.</exception>
    public void For(int parts, Action<int> body)
    {
        if (Count == 1 || parts <= 1 || stopping || Interlocked.CompareExchange(ref busy, 1, 0) != 0)
        {
            for (int part = 0; part < parts; part++)
                body(part);
            return;
        }
        StartThreads();
        Publish(parts, body);
        Work();
        WaitForTheOthers();
        var thrown = failure;
        Volatile.Write(ref busy, 0);
        if (thrown is not null)
            ExceptionDispatchInfo.Throw(thrown);
    }

    public void Dispose()
    {
        stopping = true;
        lock (gate)
            Monitor.PulseAll(gate);
        lock (starting)
        {
            foreach (var thread in threads ?? [])
                thread.Join();
        }
    }

    private void StartThreads()
    {
        if (threads is not null)
            return;
        lock (starting)
        {
            threads = new Thread[Count - 1];
            for (int i = 0; i < threads.Length; i++)
            {
                threads[i] = new Thread(Serve) { IsBackground = true, Name = $"cria worker {i + 1}" };
                threads[i].Start();
            }
        }
    }

    // A late thread may still look at the last job, which has no open parts. So everything else is set before they open.
    private void Publish(int parts, Action<int> body)
    {
        (this.parts, this.body, failure) = (parts, body, null);
        Volatile.Write(ref unfinished, parts);
        long job = (Volatile.Read(ref open) >> 32) + 1;
        Interlocked.Exchange(ref open, job << 32 | (uint)parts);
        if (Volatile.Read(ref sleeping) > 0)
        {
            lock (gate)
                Monitor.PulseAll(gate);
        }
    }

    private bool HasWork => (int)Volatile.Read(ref open) != 0;

    private void Work()
    {
        while (true)
        {
            long seen = Volatile.Read(ref open);
            int left = (int)seen;
            if (left == 0)
                return;
            var (work, first) = (body, parts - left);
            // Fails if anybody took a part or opened another job since; so body and parts belong to what was seen.
            if (Interlocked.CompareExchange(ref open, seen - 1, seen) == seen)
                Run(work, first);
        }
    }

    private void Run(Action<int> work, int part)
    {
        try
        {
            work(part);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
        }
        if (Interlocked.Decrement(ref unfinished) == 0 && Volatile.Read(ref sleeping) > 0)
        {
            lock (gate)
                Monitor.PulseAll(gate);
        }
    }

    private void WaitForTheOthers()
    {
        for (int i = 0; i < Spins; i++)
        {
            if (Volatile.Read(ref unfinished) == 0)
                return;
            Thread.SpinWait(1);
        }
        SleepUntil(static workers => Volatile.Read(ref workers.unfinished) == 0);
    }

    private void Serve()
    {
        while (!stopping)
        {
            for (int i = 0; i < Spins && !HasWork; i++)
                Thread.SpinWait(1);
            if (!HasWork)
                SleepUntil(static workers => workers.HasWork || workers.stopping);
            Work();
        }
    }

    private void SleepUntil(Func<Workers, bool> ready)
    {
        lock (gate)
        {
            // Announced before the last look: who makes it ready after that look sees the sleeper, and wakes it.
            Interlocked.Increment(ref sleeping);
            while (!ready(this))
                Monitor.Wait(gate);
            Interlocked.Decrement(ref sleeping);
        }
    }
}
