using System.Text.Json.Nodes;
using Cria.Cli;

namespace Cria.Tests.Cli;

/// <summary>One call of the <c>cria</c> command within the test's process, and what it left on the two streams.</summary>
internal sealed record Command(int ExitCode, string Out, string Error)
{
    public JsonNode Json => JsonNode.Parse(Out)!;

    public static Task<Command> RunAsync(params string[] args) => RunAsync("", args, TestContext.Current.CancellationToken);

    public static async Task<Command> RunAsync(string input, string[] args, CancellationToken stop)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = await CommandLine.RunAsync(args, new Terminal(new StringReader(input), output, error), stop);
        return new Command(code, output.ToString(), error.ToString());
    }

    /// <summary>The same, where only success is of interest.</summary>
    public static async Task<Command> SucceedAsync(params string[] args)
    {
        var run = await RunAsync(args);
        Assert.True(run.ExitCode == 0, $"cria {string.Join(' ', args)} returned {run.ExitCode}:\n{run.Error}");
        return run;
    }
}
