using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Cli.Hub;

namespace Cria.Cli.Verbs;

/// <summary><c>cria pull NAME</c>: from the hub into the cache that Python's tools use too.</summary>
internal sealed class PullVerb
{
    private readonly Argument<string> name = new("NAME") { Description = "The model on the hub: org/name[@revision]." };
    private readonly Option<string[]> include = new("--include") { Description = "Only files that match, instead of what a LLaMA needs. May be given several times.", HelpName = "GLOB" };
    private readonly Option<string[]> exclude = new("--exclude") { Description = "No files that match. May be given several times.", HelpName = "GLOB" };
    private readonly Option<string?> type = new("--type") { Description = "The GGUF file of this type, where there are several: q4_k_m, q8_0, ...", HelpName = "TYPE" };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly Terminal terminal;

    private PullVerb(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var verb = new PullVerb(terminal);
        var command = new Command("pull", "Fetch a model from the Hugging Face hub into its cache.") { verb.name, verb.include, verb.exclude, verb.type, verb.json };
        command.SetAction(verb.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string typed = parsed.GetRequiredValue(name);
        var model = HubName.TryParse(typed) ?? throw new UsageException($"NAME: expected org/name[@revision], found '{typed}'.");
        var choice = new FileChoice(parsed.GetValue(include) ?? [], parsed.GetValue(exclude) ?? [], parsed.GetValue(type) ?? model.Type);
        var settings = HubSettings.FromEnvironment();
        var result = await PullAsync(model, choice, settings, stop);
        if (settings.OfflineBecause is { } variable)
            terminal.Error.WriteLine($"{model} is in the cache. {variable} forbids the network, so nobody asked whether the hub has a newer one.");
        else
            terminal.Error.WriteLine($"{model} is in the cache: {result.Files.Count} files, {Bytes.Text(result.Files.Sum(file => file.Length))}, of which {Bytes.Text(result.Fetched)} were fetched now.");
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(AsJson(model, result), parsed, json, terminal);
        else
            terminal.Out.WriteLine(result.Folder);
        return ExitCode.Done;
    }

    private async Task<PullResult> PullAsync(HubName model, FileChoice choice, HubSettings settings, CancellationToken stop)
    {
        try
        {
            return await new Pull(settings, new PullDisplay(terminal, settings.ShowsProgress)).RunAsync(model, choice, stop);
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine($"What has arrived is kept; the same command goes on from there: cria pull {model}");
            throw;
        }
    }

    private static JsonObject AsJson(HubName model, PullResult result) => new()
    {
        ["name"] = model.Repository,
        ["revision"] = model.RevisionOrMain,
        ["commit"] = result.Commit,
        ["folder"] = result.Folder,
        ["bytes"] = result.Files.Sum(file => file.Length),
        ["fetched_bytes"] = result.Fetched,
        ["files"] = JsonAnswer.Array(result.Files, file => new JsonObject { ["path"] = file.Path, ["bytes"] = file.Length }),
    };
}
