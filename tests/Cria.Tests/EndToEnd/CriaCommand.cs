using System.Diagnostics;

namespace Cria.Tests.EndToEnd;

/// <summary>
/// The <c>cria</c> command as a user starts it: a process with arguments, two outputs and an exit code. It is the one built beside the
/// tests, or the executable that CRIA_EXECUTABLE names, so that the same tests hold for the native executable.
/// </summary>
internal sealed class CriaCommand : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly Task<string> output, error;

    private CriaCommand(string[] arguments, string? folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Native ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? AppContext.BaseDirectory,
        };
        if (Native is null)
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Cria.Cli.dll"));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        process = Process.Start(start)!;
        process.StandardInput.Close();
        output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The executable to test instead of the one beside the tests.</summary>
    public static string? Native => Environment.GetEnvironmentVariable("CRIA_EXECUTABLE") is { Length: > 0 } path ? path : null;

    public bool Running => !process.HasExited;

    /// <summary>Starts the command and comes back at once.</summary>
    public static CriaCommand Start(params string[] arguments) => new(arguments, null);

    /// <summary>Runs the command to its end, whatever that is.</summary>
    public static Task<CriaResult> RunAsync(params string[] arguments) => RunInAsync(null, arguments);

    /// <summary>The same, in a folder: relative paths start there.</summary>
    public static async Task<CriaResult> RunInAsync(string? folder, params string[] arguments)
    {
        using var command = new CriaCommand(arguments, folder);
        return await command.EndAsync();
    }

    /// <summary>The same, with variables in its environment.</summary>
    public static async Task<CriaResult> RunWithAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var command = new CriaCommand(arguments, null, environment);
        return await command.EndAsync();
    }

    /// <summary>Runs the command, which must succeed.</summary>
    public static async Task<CriaResult> SucceedAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"cria {string.Join(' ', arguments)} ended with {result.ExitCode}:\n{result.Error}");
        return result;
    }

    /// <summary>Ends the process as kill -9 does: it can do nothing about it.</summary>
    public void Kill() => process.Kill();

    public async Task<CriaResult> EndAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Longest);
        await process.WaitForExitAsync(limit.Token);
        return new CriaResult(process.ExitCode, await output, await error);
    }

    public void Dispose()
    {
        if (Running)
            process.Kill();
        process.Dispose();
    }
}

/// <summary>What a command left behind.</summary>
internal sealed record CriaResult(int ExitCode, string Output, string Error);
