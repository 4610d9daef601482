using System.CommandLine;
using System.Text.Json.Nodes;
using Cria.Cli.Show;
using Cria.Peft;

namespace Cria.Cli.Verbs;

/// <summary><c>cria show MODEL|ADAPTER|TOKENIZER</c>: what it is.</summary>
internal sealed class ShowVerb
{
    private readonly Argument<string> path = new("MODEL|ADAPTER") { Description = "A model, an adapter in any form, or a tokenizer file." };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly Option<bool> tensors = new("--tensors") { Description = "List every tensor with its type and shape." };
    private readonly Terminal terminal;

    private ShowVerb(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var verb = new ShowVerb(terminal);
        var command = new Command("show", "What a model or an adapter is: shape, counts, types, bytes, context, tokenizer, template, trained tensors.")
        {
            verb.path, verb.tensors, verb.json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string typed = parsed.GetRequiredValue(path);
        var answer = Answer(typed, ModelCache.Resolve(typed));
        if (!parsed.GetValue(tensors))
            answer.Remove("tensors");

        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(answer, parsed, json, terminal);
        else
            ShownText.Write(answer, terminal.Out);
        return ExitCode.Done;
    }

    private static JsonObject Answer(string typed, string place)
    {
        if (ShownVocabulary.Is(place))
            return ShownVocabulary.Of(typed, place);
        return AdapterFile.Is(place) ? ShownAdapter.Of(typed, AdapterFile.Describe(place)) : ShownModel.Of(typed, place);
    }
}
