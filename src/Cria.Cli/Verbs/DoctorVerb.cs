using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cria.Cli.Verbs;

/// <summary><c>cria doctor</c>: what this machine has, what is missing, and the fix.</summary>
internal static class DoctorVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = JsonAnswer.Option();
        var command = new Command("doctor", "What this machine has, what is missing, and the fix.") { json };
        command.SetAction(parsed =>
        {
            var findings = Examination.Run();
            if (JsonAnswer.IsAsked(parsed, json))
                JsonAnswer.Write(AsJson(findings), parsed, json, terminal);
            else
                Write(findings, terminal);
            return findings.All(finding => finding.Fix is null) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static void Write(IReadOnlyList<Finding> findings, Terminal terminal)
    {
        var columns = new Columns();
        foreach (var finding in findings)
            columns.Add(finding.Name, finding.Fix is null ? finding.Value : $"{finding.Value}\nfix: {finding.Fix}");
        columns.Write(terminal.Out);

        int missing = findings.Count(finding => finding.Fix is not null);
        terminal.Out.WriteLine();
        terminal.Out.WriteLine(missing == 0 ? "All is well." : $"{missing} to fix.");
    }

    private static JsonObject AsJson(IReadOnlyList<Finding> findings) => new()
    {
        ["ok"] = findings.All(finding => finding.Fix is null),
        ["findings"] = JsonAnswer.Array(findings, finding => new JsonObject
        {
            ["name"] = finding.Name,
            ["value"] = finding.Value,
            ["fix"] = finding.Fix,
        }),
    };
}
