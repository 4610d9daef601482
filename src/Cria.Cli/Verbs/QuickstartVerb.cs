using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Cli.Sessions;
using Cria.Evaluation;

namespace Cria.Cli.Verbs;

/// <summary><c>cria quickstart</c>: the whole loop, with what ships inside.</summary>
internal sealed class QuickstartVerb
{
    private readonly Option<string?> folder = new("--out") { Description = "The run folder. [default: runs/quickstart, or the next free name]", HelpName = "DIR" };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly GlobalOptions globals;
    private readonly Terminal terminal;

    private QuickstartVerb(Terminal terminal, GlobalOptions globals) => (this.terminal, this.globals) = (terminal, globals);

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new QuickstartVerb(terminal, globals);
        var command = new Command("quickstart", "The whole loop in about two minutes on two cores: a small LLaMA fails a task, learns it with LoRA, and solves it. Nothing is downloaded.")
        {
            verb.folder, verb.json,
        };
        command.SetAction(verb.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string run = parsed.GetValue(folder) ?? FreeFolder(Path.Combine("runs", "quickstart"));
        var summary = await new Quickstart(run, globals.DeviceOf(parsed, terminal), terminal).RunAsync(stop);
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(AsJson(summary), parsed, json, terminal);
        else
            Write(summary);
        return ExitCode.Done;
    }

    private void Write(QuickstartSummary summary)
    {
        Quickstart.WriteExamples(summary, terminal.Out);
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"{summary.After.Count} unseen questions, answered right to the letter: {ExactMatch.Share(summary.Before):P0} before, {ExactMatch.Share(summary.After):P0} after; {summary.Seconds:F0} s.");
        terminal.Out.WriteLine($"The adapter, the log and the plot are in {summary.Run}. Try it:");
        terminal.Out.WriteLine($"  cria run {CriaTiny.Name} --adapter {summary.Run} \"{summary.After[0].Question.Prompt}\"");
    }

    private static JsonObject AsJson(QuickstartSummary summary) => new()
    {
        ["before"] = new JsonObject { ["exact_match"] = ExactMatch.Share(summary.Before) },
        ["after"] = new JsonObject { ["exact_match"] = ExactMatch.Share(summary.After) },
        ["seconds"] = Math.Round(summary.Seconds, 1),
        ["run"] = summary.Run,
    };

    // A quickstart that was stopped during its first questions leaves folders without a file.
    private static string FreeFolder(string wanted)
    {
        string folder = wanted;
        for (int i = 2; Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Any(); i++)
            folder = $"{wanted}-{i}";
        return folder;
    }
}
