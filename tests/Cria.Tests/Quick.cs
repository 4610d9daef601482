using System.Diagnostics;

namespace Cria.Tests;

/// <summary>Limits on time that hold on a busy machine too: the fastest of three tries counts.</summary>
internal static class Quick
{
    private const int Tries = 3;

    // An action of this thread is never waited for: its task is done.
    public static void Within(double seconds, Action action) => WithinAsync(seconds, () =>
    {
        action();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    public static async Task WithinAsync(double seconds, Func<Task> action)
    {
        double fastest = double.PositiveInfinity;
        for (int i = 0; i < Tries && fastest > seconds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await action();
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        Assert.InRange(fastest, 0, seconds);
    }
}
