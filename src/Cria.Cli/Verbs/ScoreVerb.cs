using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Cria.Evaluation;

namespace Cria.Cli.Verbs;

/// <summary><c>cria score MODEL (--text FILE | --token-ids FILE)</c>: log-probabilities and perplexity.</summary>
internal sealed class ScoreVerb
{
    private readonly ModelOptions model;
    private readonly Option<string?> text = new Option<string?>("--text") { Description = "A text, scored behind the begin-of-text token.", HelpName = "FILE" }.Read();
    private readonly Option<string?> tokenIds = new Option<string?>("--token-ids") { Description = "A JSON array of arrays of token ids, taken as they are.", HelpName = "FILE" }.Read();
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly Terminal terminal;

    private ScoreVerb(Terminal terminal, GlobalOptions globals) => (this.terminal, model) = (terminal, new ModelOptions(globals));

    public static Command Create(Terminal terminal, GlobalOptions globals)
    {
        var verb = new ScoreVerb(terminal, globals);
        var command = new Command("score", "Log-probabilities and perplexity. Texts longer than the model's context are scored window by window.")
        {
            verb.model.Model, verb.model.Adapters, verb.model.Stream, verb.text, verb.tokenIds, verb.json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(verb.text) is null == result.GetResult(verb.tokenIds) is null)
                result.AddError("--text, --token-ids: give one of them.");
        });
        command.SetAction(verb.Run);
        return command;
    }

    private Task<int> Run(ParseResult parsed, CancellationToken stop)
    {
        using var llama = model.Open(parsed, terminal);
        string? textFile = parsed.GetValue(text);
        string content = File.ReadAllText(textFile ?? parsed.GetRequiredValue(tokenIds)!);
        IReadOnlyList<int[]> sequences = textFile is not null
            ? [llama.Tokenizer.Encode(content, addBegin: true)]
            : TokenIds.Read(content, parsed.GetRequiredValue(tokenIds)!, llama.Model.Config.VocabularySize);

        var scorer = new Scorer(llama.Model);
        var scored = new List<ScoredSequence>();
        foreach (int[] sequence in sequences)
        {
            stop.ThrowIfCancellationRequested();
            scored.Add(scorer.Score(sequence));
        }
        if (scored.Sum(sequence => sequence.ScoredCount) == 0)
            throw new UsageException($"{textFile ?? parsed.GetValue(tokenIds)}: holds nothing to score: only what follows a token has a probability.");
        Write(scored, textFile is null ? null : Encoding.UTF8.GetByteCount(content), parsed);
        return Task.FromResult(ExitCode.Done);
    }

    private void Write(List<ScoredSequence> scored, int? bytes, ParseResult parsed)
    {
        double perplexity = ScoredSequence.Perplexity(scored);
        int tokens = scored.Sum(sequence => sequence.ScoredCount);
        double? bitsPerByte = bytes is > 0 ? -scored.Sum(sequence => sequence.LogLikelihood) / Math.Log(2) / bytes : null;
        if (JsonAnswer.IsAsked(parsed, json))
        {
            JsonAnswer.Write(AsJson(scored, perplexity, tokens, bitsPerByte), parsed, json, terminal);
            return;
        }

        var columns = new Columns();
        columns.Add("perplexity", $"{perplexity:F4}");
        columns.Add("tokens", $"{tokens}");
        if (bitsPerByte is { } bits)
            columns.Add("bits per byte", $"{bits:F4}");
        columns.Write(terminal.Out);
    }

    private static JsonObject AsJson(List<ScoredSequence> scored, double perplexity, int tokens, double? bitsPerByte)
    {
        var answer = new JsonObject { ["perplexity"] = perplexity, ["tokens"] = tokens };
        if (bitsPerByte is { } bits)
            answer["bits_per_byte"] = bits;
        answer["sequences"] = JsonAnswer.Array(scored, sequence => new JsonObject
        {
            ["tokens"] = JsonAnswer.Array(sequence.Tokens, score => JsonValue.Create(score.Token)),
            ["logprobs"] = JsonAnswer.Array(sequence.Tokens, score => score.LogProbability),
            ["top"] = JsonAnswer.Array(sequence.Tokens, score => score.Top is { } top ? new JsonArray(top.Token, top.LogProbability) : null),
        });
        return answer;
    }
}
