namespace Cria.Tests.Cli;

/// <summary><c>cria bench</c>, called as a command line.</summary>
public class BenchVerbTests
{
    [Fact]
    public async Task A_shape_that_is_counted_only_says_who_counts_it()
    {
        var run = await Command.RunAsync("bench", "--shape", "llama-4-scout");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("--shape: llama-4-scout is counted only, by cria plan: this version computes dense decoders.", run.Error);
    }

    [Theory]
    [InlineData("optimizer: on cpu all states are in host memory", "--optimizer", "adamw-host")]
    [InlineData("host_activations: on cpu all activations are in host memory", "--recompute", "--host-activations")]
    public async Task What_is_for_cards_is_refused_on_a_processor(string why, params string[] options)
    {
        var run = await Command.RunAsync(["bench", "cria-tiny", "--device", "cpu", "--train", .. options]);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.StartsWith(why, run.Error);
    }

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
