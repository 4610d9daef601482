using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Cria.Cli.Verbs;

namespace Cria.Cli;

/// <summary>The <c>cria</c> command: its verbs, how they are called, and what a failure looks like.</summary>
internal static class CommandLine
{
    /// <summary>Parses the arguments, runs the verb and returns the exit code. Never throws.</summary>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken stop = default)
    {
        var globals = new GlobalOptions();
        var root = Create(terminal, globals);
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromMinutes(2),   // a stopped training run still writes its checkpoint
        };
        bool verbose = args.Contains("-v") || args.Contains("--verbose");
        try
        {
            var parsed = root.Parse(args is ["help", .. var verb] ? [.. verb, "--help"] : args);
            if (parsed.Action is ParseErrorAction)
                return args.Length == 0 ? Help(root, configuration) : WrongUsage(Problems(parsed), parsed, terminal);
            if (FileArguments.Empty(parsed) is { Count: > 0 } empty)
                return WrongUsage(empty, parsed, terminal);
            if (parsed.CommandResult.Command.Name == ChatVerb.Name)
                configuration.ProcessTerminationTimeout = null;   // Ctrl-C is its own business: it stops an answer
            return await parsed.InvokeAsync(configuration, stop);
        }
        catch (Exception exception)
        {
            return Failure.Report(exception, terminal.Error, verbose);
        }
    }

    /// <summary>All verbs. This list is the catalogue: one line adds one.</summary>
    internal static RootCommand Create(Terminal terminal, GlobalOptions globals)
    {
        var root = new RootCommand("Run, fine-tune and score LLaMA models. MODEL is a folder (of Hugging Face's or Meta's layout), a .gguf or PyTorch file, a name in the Hugging Face cache, or cria-tiny, the model that ships inside.")
        {
            QuickstartVerb.Create(terminal, globals),
            TrainVerb.Create(terminal, globals),
            RunVerb.Create(terminal, globals),
            ChatVerb.Create(terminal, globals),
            ScoreVerb.Create(terminal, globals),
            TokenizeVerb.Create(terminal),
            ConvertVerb.Create(terminal, globals),
            QuantizeVerb.Create(terminal, globals),
            MergeVerb.Create(terminal, globals),
            CombineVerb.Create(terminal, globals),
            ParityVerb.Create(terminal, globals),
            ShowVerb.Create(terminal),
            PlanVerb.Create(terminal, globals),
            CompareVerb.Create(terminal, globals),
            DataVerb.Create(terminal),
            PullVerb.Create(terminal),
            ListVerb.Create(terminal),
            RemoveVerb.Create(terminal),
            BenchVerb.Create(terminal, globals),
            DoctorVerb.Create(terminal),
        };
        foreach (var option in globals.All)
            root.Add(option);
        return root;
    }

    private static int Help(RootCommand root, InvocationConfiguration configuration)
    {
        root.Parse(["--help"]).Invoke(configuration);
        return ExitCode.WrongUsage;
    }

    private static int WrongUsage(IEnumerable<string> problems, ParseResult parsed, Terminal terminal)
    {
        foreach (string problem in problems)
            terminal.Error.WriteLine(problem);
        terminal.Error.WriteLine($"Try '{string.Join(' ', Path(parsed.CommandResult))} --help'.");
        return ExitCode.WrongUsage;
    }

    private static IEnumerable<string> Path(CommandResult command) =>
        command.Parent is CommandResult parent ? Path(parent).Append(command.Command.Name) : ["cria"];

    // For a verb that does not exist the parser has two messages, and neither names the verb that was meant.
    private static IReadOnlyList<string> Problems(ParseResult parsed)
    {
        if (parsed.CommandResult.Command is not RootCommand root || parsed.UnmatchedTokens is not [var typed, ..] || typed.StartsWith('-'))
            return [.. parsed.Errors.Select(error => error.Message)];
        var problems = new Problems();
        problems.UnlessOneOf("verb", typed, [.. root.Subcommands.Select(verb => verb.Name)]);
        return problems.Found;
    }
}
