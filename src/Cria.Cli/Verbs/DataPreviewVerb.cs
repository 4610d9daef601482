using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Cli.Display;
using Cria.Data;

namespace Cria.Cli.Verbs;

/// <summary><c>cria data preview FILE --model MODEL</c>: the first examples as training sees them.</summary>
internal sealed class DataPreviewVerb
{
    private readonly DataArguments data = new();
    private readonly Option<int> count = new("--count") { Description = "How many examples.", HelpName = "N", DefaultValueFactory = _ => 3, Validators = { result => GlobalOptions.AtLeast(result, 1) } };
    private readonly Option<bool> ids = new("--ids") { Description = "Show token ids too; a minus stands before those that are not learned." };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly Terminal terminal;

    private DataPreviewVerb(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var verb = new DataPreviewVerb(terminal);
        var command = new Command("preview", "The first examples as training sees them: the rendered text, and which tokens of it are learned.");
        verb.data.AddTo(command);
        command.Add(verb.count);
        command.Add(verb.ids);
        command.Add(verb.json);
        command.Validators.Add(result =>
        {
            if (result.GetResult(verb.data.Model) is null && result.GetResult(verb.data.Tokenizer) is null)
                result.AddError("--model: name the model to train, or a --tokenizer.");
        });
        command.SetAction(verb.Run);
        return command;
    }

    private Task<int> Run(ParseResult parsed, CancellationToken stop)
    {
        var model = data.Open(parsed);
        var examples = TrainingData
            .Examples(data.OptionsOf(parsed), model.Template, model.Tokenizer, model.VocabularySize, model.ContextLength, stop)
            .Take(parsed.GetValue(count)).ToList();
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(JsonAnswer.Array(examples, AsJson), parsed, json, terminal);
        else
            Write(examples, new MaskedText(model.Tokenizer, terminal.Colour), parsed.GetValue(ids));
        return Task.FromResult(ExitCode.Done);
    }

    private void Write(List<Example> examples, MaskedText text, bool withIds)
    {
        foreach (var example in examples)
        {
            terminal.Out.WriteLine($"{example.Origin}: {example.Tokens.Count} tokens, {example.SupervisedTokens} supervised; {text.Legend}");
            terminal.Out.WriteLine(text.Of(example));
            if (withIds)
                terminal.Out.WriteLine(string.Join(' ', example.Tokens.Zip(example.Labels, (token, label) => label == Example.Unsupervised ? $"-{token}" : $"{token}")));
            terminal.Out.WriteLine();
        }
    }

    private static JsonNode AsJson(Example example) => new JsonObject
    {
        ["file"] = example.Origin.File,
        ["line"] = example.Origin.Line,
        ["input_ids"] = JsonAnswer.Array(example.Tokens, token => JsonValue.Create(token)),
        ["labels"] = JsonAnswer.Array(example.Labels, label => JsonValue.Create(label)),
    };
}
