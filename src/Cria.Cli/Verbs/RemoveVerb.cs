using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Cli.Hub;

namespace Cria.Cli.Verbs;

/// <summary><c>cria rm NAME[@revision]</c>: out of the Hugging Face cache.</summary>
internal sealed class RemoveVerb
{
    private readonly Argument<string> name = new("NAME") { Description = "The model: org/name for all of it, org/name@revision for one revision." };
    private readonly Option<bool> yes = new("-y", "--yes") { Description = "Do not ask." };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly Terminal terminal;

    private RemoveVerb(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var verb = new RemoveVerb(terminal);
        var command = new Command("rm", "Remove a model, or one revision of it, from the Hugging Face cache.") { verb.name, verb.yes, verb.json };
        command.SetAction(verb.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string typed = parsed.GetRequiredValue(name);
        var model = HubName.TryParse(typed) is { Type: null } found ? found : throw new UsageException($"NAME: expected org/name[@revision], found '{typed}'.");
        var removal = CacheRemoval.Of(ModelCache.Folder, model);
        if (!parsed.GetValue(yes) && !Confirm(model, removal))
        {
            terminal.Error.WriteLine("Nothing was removed.");
            return ExitCode.Failed;
        }

        removal.Run();
        terminal.Error.WriteLine($"{model} is removed; {Bytes.Text(removal.Size)} are free.{Kept(removal)}");
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(new JsonObject { ["name"] = model.Repository, ["revision"] = model.Revision, ["freed_bytes"] = removal.Size, ["kept_bytes"] = removal.Kept }, parsed, json, terminal);
        return ExitCode.Done;
    }

    private bool Confirm(HubName model, CacheRemoval removal)
    {
        if (!terminal.Typed)
            throw new UsageException($"--yes: is needed where nobody can be asked. {model} takes {Bytes.Text(removal.Size)}.");
        terminal.Error.Write($"Remove {model}, {Bytes.Text(removal.Size)}?{Kept(removal)} [y/N] ");
        return terminal.In.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }

    private static string Kept(CacheRemoval removal) => removal.Kept == 0 ? "" : $" {Bytes.Text(removal.Kept)} stay, which another revision uses.";
}
