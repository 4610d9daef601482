using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Cria.Tokenizers;

namespace Cria.Cli.Verbs;

/// <summary><c>cria tokenize MODEL [TEXT | --file FILE]</c>, and back again with <c>--decode IDS</c>.</summary>
internal sealed class TokenizeVerb
{
    private readonly Argument<string> model = new("MODEL") { Description = "A model, or a tokenizer file alone." };
    private readonly Argument<string?> text = new("TEXT") { Description = "The text. Without it, stdin is read.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> file = new Option<string?>("--file") { Description = "Read the text from a file.", HelpName = "FILE" }.Read();
    private readonly Option<bool> lines = new("--lines") { Description = "Take every line as a text of its own, and give one answer a line." };
    private readonly Option<bool> special = new("--special") { Description = "Begin with the begin-of-text token; with --decode, show special tokens." };
    private readonly Option<string?> decode = new("--decode") { Description = "Token ids to turn into text: 1,2,3 or [1, 2, 3].", HelpName = "IDS" };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly Terminal terminal;

    private TokenizeVerb(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var verb = new TokenizeVerb(terminal);
        var command = new Command("tokenize", "Token ids and pieces of a text; text of token ids.")
        {
            verb.model, verb.text, verb.file, verb.lines, verb.special, verb.decode, verb.json,
        };
        command.Validators.Add(result =>
        {
            if (new[] { result.GetResult(verb.text) is { Tokens.Count: > 0 }, result.GetResult(verb.file) is not null, result.GetResult(verb.decode) is not null }.Count(given => given) > 1)
                result.AddError("TEXT, --file, --decode: give one of them.");
        });
        command.SetAction(verb.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var tokenizer = Llama.LoadTokenizer(ModelCache.Resolve(parsed.GetRequiredValue(model)));
        if (parsed.GetValue(decode) is { } ids)
            Decode(tokenizer, ids, parsed);
        else if (parsed.GetValue(lines))
            EncodeLines(tokenizer, parsed);
        else
            Encode(tokenizer, parsed);
        return ExitCode.Done;
    }

    private void Encode(Tokenizer tokenizer, ParseResult parsed)
    {
        int[] ids = tokenizer.Encode(Text(parsed), parsed.GetValue(special));
        if (JsonAnswer.IsAsked(parsed, json))
        {
            JsonAnswer.Write(Answer(tokenizer, ids), parsed, json, terminal);
            return;
        }

        int width = Digits(tokenizer.VocabularySize);
        foreach (int id in ids)
            terminal.Out.WriteLine($"{id.ToString().PadLeft(width)}  {Visible(tokenizer.Piece(id))}");
        terminal.Error.WriteLine(ids.Length == 1 ? "1 token" : $"{ids.Length} tokens");
    }

    private void EncodeLines(Tokenizer tokenizer, ParseResult parsed)
    {
        bool asJson = JsonAnswer.IsAsked(parsed, json);
        var answers = new StringBuilder();
        foreach (string line in Lines(Text(parsed)))
        {
            int[] ids = tokenizer.Encode(line, parsed.GetValue(special));
            answers.Append(asJson ? JsonAnswer.Text(Answer(tokenizer, ids)) : string.Join(' ', ids)).Append('\n');
        }

        JsonAnswer.Write(answers.ToString(), parsed, json, terminal);
    }

    private void Decode(Tokenizer tokenizer, string ids, ParseResult parsed)
    {
        string decoded = tokenizer.Decode(TokenIds.Parse(ids, tokenizer.VocabularySize), skipSpecial: !parsed.GetValue(special));
        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(new JsonObject { ["text"] = decoded }, parsed, json, terminal);
        else
            terminal.Out.WriteLine(decoded);
    }

    private string Text(ParseResult parsed) =>
        parsed.GetValue(text) ?? (parsed.GetValue(file) is { } path ? System.IO.File.ReadAllText(path) : terminal.In.ReadToEnd());

    // What follows the last line end is a line only if something stands there.
    private static IEnumerable<string> Lines(string text)
    {
        var lines = text.Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        return lines[^1].Length == 0 ? lines.SkipLast(1) : lines;
    }

    private static JsonObject Answer(Tokenizer tokenizer, int[] ids) => new()
    {
        ["ids"] = JsonAnswer.Array(ids, id => JsonValue.Create(id)),
        ["pieces"] = JsonAnswer.Array(ids, id => JsonValue.Create(tokenizer.Piece(id))),
    };

    private static string Visible(string piece) => piece.Replace("\n", "\\n").Replace("\r", "\\r").Replace("\t", "\\t");

    private static int Digits(int count) => (count - 1).ToString().Length;
}
