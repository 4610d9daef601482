namespace Cria.Cli;

/// <summary>What was typed cannot be done as typed; the message says why. The command returns <see cref="ExitCode.WrongUsage"/>.</summary>
internal sealed class UsageException(string message) : Exception(message);
