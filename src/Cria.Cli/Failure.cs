using Cria.Data;

namespace Cria.Cli;

/// <summary>How a failure is told: ours by their message alone, for it names the thing and the fix; others with their kind and a hint.</summary>
internal static class Failure
{
    /// <summary>Writes the failure and returns the exit code that goes with it.</summary>
    public static int Report(Exception exception, TextWriter error, bool verbose)
    {
        if (exception is OperationCanceledException)
        {
            error.WriteLine("Interrupted.");
            return ExitCode.Interrupted;
        }

        if (exception is UsageException or OptionsException)
        {
            error.WriteLine(exception.Message);
            return ExitCode.WrongUsage;
        }

        bool expected = IsTold(exception);
        error.WriteLine(expected ? exception.Message : $"cria failed unexpectedly: {exception.GetType().Name}: {exception.Message}");
        if (exception is DataException { Record: { } bad })
            error.WriteLine($"  all of them: cria data check {bad.Origin.File}");
        if (verbose)
            error.WriteLine(exception.StackTrace);
        else if (!expected)
            error.WriteLine("This should not happen. Run the same command with -v and report what it prints.");
        return ExitCode.Failed;
    }

    /// <summary>Whether the message alone says all there is to say.</summary>
    public static bool IsTold(Exception exception) => IsOurs(exception) || exception is IOException or UnauthorizedAccessException;

    private static bool IsOurs(Exception exception) =>
        exception.GetType().Namespace is { } name && name.StartsWith(nameof(Cria), StringComparison.Ordinal) && exception is not Cria.Tensors.ShapeException;
}
