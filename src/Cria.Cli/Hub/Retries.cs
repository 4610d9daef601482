namespace Cria.Cli.Hub;

/// <summary>Something that may work the next time: a dropped connection, a busy hub.</summary>
internal sealed class TransientException(string reason, TimeSpan? wait = null) : Exception(reason)
{
    /// <summary>How long the hub asks to be left alone, where it says so.</summary>
    public TimeSpan? Wait { get; } = wait;
}

/// <summary>Repeats what fails for a while, with longer and longer pauses.</summary>
/// <param name="wait">How to let time pass.</param>
/// <param name="note">Where each pause is told.</param>
internal sealed class Retries(Func<TimeSpan, CancellationToken, Task> wait, Action<string> note)
{
    /// <summary>Failures in a row, without a byte of progress between them, after which there is no hope.</summary>
    public const int Most = 6;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Runs to success, to a failure of another kind, or to too many failures in a row.</summary>
    /// <param name="name">The model, for messages.</param>
    /// <param name="what">What is tried, for messages.</param>
    /// <param name="attempt">What is tried. Only a <see cref="TransientException"/> lets it be repeated.</param>
    /// <param name="progress">A number that grows when an attempt got something done: the count of failures then starts anew.</param>
    /// <param name="stop">Ends it between and during attempts.</param>
    public async Task<T> RunAsync<T>(HubName name, string what, Func<Task<T>> attempt, Func<long> progress, CancellationToken stop)
    {
        long farthest = progress();
        for (int failures = 0; ;)
        {
            try
            {
                return await attempt();
            }
            catch (TransientException because)
            {
                failures = progress() > farthest ? 1 : failures + 1;
                farthest = Math.Max(farthest, progress());
                if (failures >= Most || because.Wait > Longest)
                    throw HubException.GaveUp(name, what, because.Message, failures);
                var pause = because.Wait ?? TimeSpan.FromSeconds(1 << (failures - 1));
                note($"{what}: {because.Message} Trying again in {pause.TotalSeconds:F0} s.");
                await wait(pause, stop);
            }
        }
    }
}
