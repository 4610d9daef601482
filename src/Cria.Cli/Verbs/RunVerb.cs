using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Cria.Generation;
using Cria.Tokenizers;

namespace Cria.Cli.Verbs;

/// <summary><c>cria run MODEL [PROMPT]</c>: one answer, streamed.</summary>
internal sealed class RunVerb
{
    private readonly ModelOptions model;
    private readonly SamplingArguments sampling = new();
    private readonly Argument<string?> prompt = new("PROMPT") { Description = "What to continue or answer. Without it, stdin is read.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> raw = new("--raw") { Description = "Continue the prompt as it stands, without the model's chat template." };
    private readonly Option<bool> showPrompt = new("--show-prompt") { Description = "Print what the model would be given, marks and all, and its token ids; generate nothing." };
    private readonly Option<string?> image = new("--image") { Description = "The features of an image that the prompt shows, for adapters that see images: a .safetensors file, FILE#TENSOR for one of several.", HelpName = "FILE" };
    private readonly Option<string[]> experts = new("--expert") { Description = "What an expert says of the image, put into the prompt as text: caption=\"a dog on a beach\". May be given several times.", HelpName = "NAME=TEXT" };
    private readonly TemplateArguments template;
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly GlobalOptions globals;
    private readonly Terminal terminal;

    private RunVerb(Terminal terminal, GlobalOptions globals)
    {
        (this.terminal, this.globals, model) = (terminal, globals, new ModelOptions(globals));
        template = new TemplateArguments(model);
    }

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new RunVerb(terminal, globals);
        var command = new Command("run", "One answer, streamed as it is made.") { verb.model.Model, verb.prompt, verb.model.Adapters, verb.model.Cache.Option, verb.model.Stream };
        verb.sampling.AddTo(command);
        verb.template.AddTo(command);
        command.Add(verb.image);
        command.Add(verb.experts);
        command.Add(verb.raw);
        command.Add(verb.showPrompt);
        command.Validators.Add(verb.CheckRaw);
        command.Add(verb.json);
        command.SetAction(verb.Run);
        return command;
    }

    private Task<int> Run(ParseResult parsed, CancellationToken stop)
    {
        var options = sampling.Read(parsed);
        if (parsed.GetValue(showPrompt))
            return Task.FromResult(ShowPrompt(parsed));
        bool sees = false;
        using var llama = model.Open(parsed, terminal, (_, adapter) => sees |= adapter.ReadsImages);
        if (parsed.GetValue(image) is not null && !sees)
            throw new UsageException("--image: no adapter that sees images is attached, so it would change nothing. Name one with --adapter.");
        int[] tokens = Tokens(parsed, llama.Template, llama.Tokenizer);
        options.MaxTokens = Room(tokens, options.MaxTokens, sampling.NamesMaxTokens(parsed), llama);

        long start = Stopwatch.GetTimestamp();
        var generator = new Generator(llama.Model, llama.Tokenizer) { Images = parsed.GetValue(image) is { } shown ? [llama.LoadImage(shown)] : [] };
        int count = JsonAnswer.IsAsked(parsed, json) ? Answer(generator, tokens, options, parsed, stop) : Stream(generator, tokens, options, stop);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (parsed.GetValue(globals.Verbose))
            terminal.Error.WriteLine($"{tokens.Length} prompt tokens, {count} new tokens in {seconds:F1} s, {count / seconds:F1} tokens/s");
        stop.ThrowIfCancellationRequested();
        return Task.FromResult(ExitCode.Done);
    }

    private int[] Tokens(ParseResult parsed, ChatTemplate own, Tokenizer tokenizer)
    {
        string text = parsed.GetValue(prompt) ?? ReadPrompt();
        if (parsed.GetValue(raw))
            return tokenizer.Encode(text, addBegin: true);
        var question = new ChatMessage(ChatRole.User, text).WithExperts((parsed.GetValue(experts) ?? []).Select(Expert));
        return template.Choose(parsed, own, terminal).RenderPrompt(tokenizer, new ChatConversation(
            template.System(parsed) is { } system ? [new ChatMessage(ChatRole.System, system), question] : [question]) { Now = terminal.Clock.GetLocalNow() });
    }

    // Nothing of the weights is read for that.
    private int ShowPrompt(ParseResult parsed)
    {
        string path = ModelCache.Resolve(parsed.GetRequiredValue(model.Model));
        using var described = LlamaDescription.Open(path);
        var tokenizer = described.Tokenizer ?? Llama.LoadTokenizer(path);
        int[] tokens = Tokens(parsed, described.Template, tokenizer);
        string text = tokenizer.Decode(tokens, skipSpecial: false);
        if (JsonAnswer.IsAsked(parsed, json))
        {
            JsonAnswer.Write(new JsonObject { ["prompt"] = text, ["tokens"] = JsonAnswer.Array(tokens, id => JsonValue.Create(id)) }, parsed, json, terminal);
            return ExitCode.Done;
        }
        terminal.Out.WriteLine(text);
        terminal.Out.WriteLine(string.Join(' ', tokens));
        return ExitCode.Done;
    }

    private void CheckRaw(CommandResult result)
    {
        if (result.GetValue(raw) && (template.IsGiven(result) || result.GetValue(experts) is { Length: > 0 }))
            result.AddError("--raw: takes the prompt as it stands; leave out --template, --system and --expert.");
        foreach (string expert in (result.GetValue(experts) ?? []).Where(expert => expert.IndexOf('=', StringComparison.Ordinal) < 1))
            result.AddError($"--expert: expected NAME=TEXT, such as caption=\"a dog on a beach\", found '{expert}'.");
    }

    private static KeyValuePair<string, string> Expert(string typed)
    {
        int at = typed.IndexOf('=', StringComparison.Ordinal);
        return new(typed[..at], typed[(at + 1)..]);
    }

    private int Stream(Generator generator, int[] tokens, SamplingOptions options, CancellationToken stop)
    {
        int count = 0;
        foreach (var token in generator.Stream(tokens, options, stop))
        {
            terminal.Out.Write(token.Text);
            terminal.Out.Flush();
            count++;
        }
        terminal.Out.WriteLine();
        return count;
    }

    private int Answer(Generator generator, int[] tokens, SamplingOptions options, ParseResult parsed, CancellationToken stop)
    {
        var sequence = generator.Batch([tokens], options, stop)[0];
        var answer = new JsonObject
        {
            ["text"] = sequence.Text,
            ["tokens"] = JsonAnswer.Array(sequence.Tokens, id => JsonValue.Create(id)),
            ["prompt_tokens"] = tokens.Length,
            ["finish"] = sequence.Finish switch
            {
                FinishReason.EndOfText => "end_of_text",
                FinishReason.StopString => "stop_string",
                FinishReason.Length => "length",
                _ => "interrupted",
            },
        };
        JsonAnswer.Write(answer, parsed, json, terminal);
        return sequence.Tokens.Count;
    }

    private string ReadPrompt()
    {
        if (terminal.Typed)
            terminal.Error.WriteLine("Type the prompt; end it with Ctrl-D on a line of its own (Ctrl-Z on Windows).");
        return terminal.In.ReadToEnd().TrimEnd('\n', '\r');
    }

    // Rotary positions have no end, so whoever names a number of tokens gets it; only the default stops at the context.
    private int Room(int[] tokens, int wanted, bool named, Llama llama)
    {
        int context = llama.Model.Config.ContextLength, left = context - tokens.Length;
        if (left <= 0)
            throw new UsageException($"PROMPT: {tokens.Length} tokens leave no room for an answer; {llama.Name} takes {context} tokens in all.");
        if (wanted <= left)
            return wanted;
        if (named)
            terminal.Error.WriteLine($"--max-tokens: {tokens.Length} tokens of the prompt and {wanted} more go beyond the {context} that {llama.Name} was made for; what comes behind them may be poor.");
        return named ? wanted : left;
    }
}
