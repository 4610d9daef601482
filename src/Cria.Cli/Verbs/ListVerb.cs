using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Cli.Hub;

namespace Cria.Cli.Verbs;

/// <summary><c>cria list</c>: the models in the Hugging Face cache.</summary>
internal static class ListVerb
{
    private static readonly string[] Headings = ["NAME", "REVISION", "SIZE", "FILES", "USED", "WHAT"];

    public static Command Create(Terminal terminal)
    {
        var json = JsonAnswer.Option();
        var command = new Command("list", "The models in the Hugging Face cache.") { json };
        command.SetAction(parsed =>
        {
            string folder = ModelCache.Folder;
            var models = CachedModel.All(folder);
            if (JsonAnswer.IsAsked(parsed, json))
                JsonAnswer.Write(AsJson(folder, models), parsed, json, terminal);
            else
                Write(folder, models, terminal);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(string folder, IReadOnlyList<CachedModel> models, Terminal terminal)
    {
        if (models.Count > 0)
            Table(models, terminal.Out);
        terminal.Error.WriteLine($"{models.Count} {(models.Count == 1 ? "model" : "models")} in {folder}, {Bytes.Text(CacheSize.Of(folder))} in all.");
        if (models.Count == 0)
            terminal.Error.WriteLine("Fetch one with: cria pull org/name");
    }

    private static void Table(IReadOnlyList<CachedModel> models, TextWriter to)
    {
        string[][] rows = [Headings, .. models.Select(Row)];
        int[] widths = [.. Enumerable.Range(0, Headings.Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
            to.WriteLine(string.Join("  ", row.Select((cell, column) => column is 2 or 3 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
    }

    private static string[] Row(CachedModel model) =>
    [
        model.Name.Repository,
        model.Revisions.Count > 0 ? string.Join(", ", model.Revisions) : model.Commit[..Math.Min(12, model.Commit.Length)],
        Bytes.Text(model.Size),
        $"{model.Files}",
        Ago(DateTime.UtcNow - model.LastUsed),
        $"{CachedKind.Of(model)}{(model.IsWhole ? "" : ", not whole")}",
    ];

    private static string Ago(TimeSpan time) => time.TotalDays switch
    {
        >= 2 => $"{(int)time.TotalDays} days ago",
        >= 1 => "yesterday",
        _ => "today",
    };

    private static JsonObject AsJson(string folder, IReadOnlyList<CachedModel> models) => new()
    {
        ["folder"] = folder,
        ["bytes"] = CacheSize.Of(folder),
        ["models"] = JsonAnswer.Array(models, model =>
        {
            var kind = CachedKind.Of(model);
            return new JsonObject
            {
                ["name"] = model.Name.Repository,
                ["revisions"] = JsonAnswer.Array(model.Revisions, revision => JsonValue.Create(revision)),
                ["commit"] = model.Commit,
                ["bytes"] = model.Size,
                ["files"] = model.Files,
                ["last_used"] = model.LastUsed.ToString("O"),
                ["format"] = kind.Format,
                ["architecture"] = kind.Architecture,
                ["type"] = kind.Type,
                ["whole"] = model.IsWhole,
                ["folder"] = model.Folder,
            };
        }),
    };
}
