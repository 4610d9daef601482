using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Cria.Cli.Chat;
using Cria.Peft;

namespace Cria.Cli.Verbs;

/// <summary><c>cria chat MODEL</c>: a conversation. Questions come from the keyboard, or line by line from stdin.</summary>
internal sealed class ChatVerb
{
    public const string Name = "chat";

    private readonly ModelOptions model;
    private readonly TemplateArguments template;
    private readonly SamplingArguments sampling = new();
    private readonly Option<int?> context = new("--context")
    {
        Description = "The most tokens that the model is given at once; older messages are left out. [default: what the model was made for]",
        HelpName = "N",
    };
    private readonly Option<bool> json = new("--json") { Description = "Answer with a JSON object for each question, on a line of its own." };
    private readonly GlobalOptions globals;
    private readonly Terminal terminal;

    private ChatVerb(Terminal terminal, GlobalOptions globals)
    {
        (this.terminal, this.globals, model) = (terminal, globals, new ModelOptions(globals));
        template = new TemplateArguments(model);
        context.Validators.Add(result => GlobalOptions.AtLeast(result, 16));
    }

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new ChatVerb(terminal, globals);
        var command = new Command(Name, "A conversation. /help tells what can be typed besides messages.") { verb.model.Model, verb.model.Adapters, verb.model.Cache.Option, verb.model.Stream };
        verb.template.AddTo(command);
        verb.sampling.AddTo(command);
        command.Add(verb.context);
        command.Add(verb.json);
        command.SetAction(verb.Run);
        return command;
    }

    private Task<int> Run(ParseResult parsed, CancellationToken stop)
    {
        var options = sampling.Read(parsed);
        var adapters = new List<(string, Adapter)>();
        using var llama = model.Open(parsed, terminal, (typed, adapter) => adapters.Add((typed, adapter)));
        int room = Math.Min(parsed.GetValue(context) ?? int.MaxValue, llama.Model.Config.ContextLength);
        using var conversation = new Conversation(llama, template.Choose(parsed, llama.Template, terminal), room, terminal.Clock)
        {
            Sampling = options,
            System = template.System(parsed),
            Unbounded = !sampling.NamesMaxTokens(parsed),
        };
        conversation.Adapters.AddRange(adapters);
        var commands = new ChatCommands(llama, conversation, terminal, () => template.Choose(parsed, conversation.Adapters.Select(one => one.Typed), llama.Template, terminal));
        if (terminal.Typed)
            terminal.Error.WriteLine($"{llama.Name}. /help tells what can be typed; /bye or Ctrl-D leaves.");
        return Task.FromResult(Talk(conversation, commands, parsed, stop));
    }

    private int Talk(Conversation conversation, ChatCommands commands, ParseResult parsed, CancellationToken stop)
    {
        using var interrupts = new ChatInterrupts(terminal);
        var input = new ChatInput(terminal);
        while (!commands.Ended && !stop.IsCancellationRequested && input.Read() is { } line)
        {
            if (interrupts.Ended)
                return ExitCode.Interrupted;
            try
            {
                if (line.StartsWith('/'))
                    commands.Run(line);
                else if (line.Length > 0)
                    Answer(conversation, line, parsed, interrupts.Begin(stop));
            }
            catch (Exception wrong) when (Failure.IsTold(wrong))
            {
                terminal.Error.WriteLine(wrong.Message);
            }
            interrupts.End();
        }
        return interrupts.Ended ? ExitCode.Interrupted : ExitCode.Done;
    }

    private void Answer(Conversation conversation, string question, ParseResult parsed, CancellationToken stop)
    {
        bool asJson = parsed.GetValue(json);
        long start = Stopwatch.GetTimestamp();
        var answer = conversation.Ask(question, text => Write(asJson ? "" : text), terminal.Error.WriteLine, stop);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        terminal.Out.WriteLine(asJson ? JsonAnswer.Text(AsJson(answer)) : "");
        if (parsed.GetValue(globals.Verbose))
            terminal.Error.WriteLine($"{answer.PromptTokens} prompt tokens, {answer.TokensRead} of them new, {answer.Tokens} tokens in {seconds:F1} s, {answer.Tokens / seconds:F1} tokens/s");
    }

    private void Write(string text)
    {
        terminal.Out.Write(text);
        terminal.Out.Flush();
    }

    private static JsonObject AsJson(ChatAnswer answer) => new()
    {
        ["text"] = answer.Text,
        ["tokens"] = answer.Tokens,
        ["prompt_tokens"] = answer.PromptTokens,
        ["tokens_read"] = answer.TokensRead,
        ["interrupted"] = answer.Interrupted,
    };
}
