using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Cli.Display;
using Cria.Data;

namespace Cria.Cli.Verbs;

/// <summary><c>cria data check FILE</c>: every bad record, and how long the records are.</summary>
internal sealed class DataCheckVerb
{
    private readonly DataArguments data = new();
    private readonly Option<int> most = new("--list") { Description = "List at most so many bad records one by one; all are counted.", HelpName = "N", DefaultValueFactory = _ => 50, Validators = { result => GlobalOptions.AtLeast(result, 0) } };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly Terminal terminal;

    private DataCheckVerb(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var verb = new DataCheckVerb(terminal);
        var command = new Command("check", "Every bad record with file, line and reason; lengths, and what share is learned. Exit code 1 if anything is bad.");
        verb.data.AddTo(command);
        command.Add(verb.most);
        command.Add(verb.json);
        command.SetAction(verb.Run);
        return command;
    }

    private Task<int> Run(ParseResult parsed, CancellationToken stop)
    {
        var options = data.OptionsOf(parsed);
        var model = data.Open(parsed);
        var report = DataCheck.Run(options, model.Template, model.Tokenizer, model.VocabularySize, model.ContextLength, parsed.GetValue(most), stop);
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(AsJson(report), parsed, json, terminal);
        else
            new DataCheckText(report).Write(terminal.Out);
        return Task.FromResult(report.IsGood ? ExitCode.Done : ExitCode.Failed);
    }

    private static JsonObject AsJson(DataCheckReport report) => new()
    {
        ["file"] = report.File,
        ["format"] = report.Format,
        ["template"] = report.Template,
        ["records"] = report.Records,
        ["bad"] = report.BadCount,
        ["faults"] = new JsonObject(report.Faults.Select(fault => KeyValuePair.Create(Name(fault.Key), (JsonNode?)fault.Value))),
        ["bad_records"] = JsonAnswer.Array(report.Bad, bad => new JsonObject
        {
            ["file"] = bad.Origin.File, ["line"] = bad.Origin.Line, ["fault"] = Name(bad.Fault), ["reason"] = bad.Reason,
        }),
        ["ended"] = report.Ended,
        ["duplicates"] = report.Duplicates,
        ["unit"] = report.MaxLength is null ? "letters" : "tokens",
        ["max_length"] = report.MaxLength,
        ["tokens"] = report.Tokens,
        ["supervised_tokens"] = report.SupervisedTokens,
        ["median"] = report.Quantile(0.5),
        ["longest"] = report.Quantile(1),
        ["lengths"] = JsonAnswer.Array(LengthBin.Of(report.Lengths), bin => new JsonObject { ["from"] = bin.From, ["to"] = bin.To, ["records"] = bin.Records }),
    };

    private static string Name(DataFault fault) => JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString());
}
