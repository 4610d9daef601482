namespace Cria.Tests.Cli;

/// <summary><c>cria bench</c>, called as a command line.</summary>
public class BenchVerbTests
{
    [Fact]
    public async Task A_signal_ends_it_before_the_next_pass()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        var run = await Command.RunAsync("", ["bench", "cria-tiny", "--device", "cpu", "--prompt", "8", "--generate", "4", "--repeat", "1"], stop.Token);

        Assert.Equal((130, ""), (run.ExitCode, run.Out));
        Assert.EndsWith("Interrupted.\n", run.Error, StringComparison.Ordinal);
    }
}
