using System.CommandLine;
using Cria.Generation;

namespace Cria.Cli;

/// <summary>How tokens are chosen, as options of a verb. The library checks the values and names them as they are typed here.</summary>
internal sealed class SamplingArguments
{
    private static readonly SamplingOptions Default = new();

    private readonly Option<int> maxTokens = Number("--max-tokens", "The most new tokens.", Default.MaxTokens);
    private readonly Option<float> temperature = Number("--temp", "0 always takes the most likely token; 1 samples as the model says; more is wilder.", Default.Temperature);
    private readonly Option<int> topK = Number("--top-k", "Only the N most likely tokens; 0 takes all.", Default.TopK);
    private readonly Option<float> topP = Number("--top-p", "Only the most likely tokens that together reach this probability; 1 takes all.", Default.TopP);
    private readonly Option<float> minP = Number("--min-p", "Only tokens at least this many times as likely as the most likely one; 0 takes all.", Default.MinP);
    private readonly Option<float> repeatPenalty = Number("--repeat-penalty", "Makes tokens that were just used less likely; 1 does nothing.", Default.RepeatPenalty);
    private readonly Option<ulong> seed = Number("--seed", "The same seed gives the same text.", Default.Seed);
    private readonly Option<string[]> stop = new("--stop") { Description = "End before this text. May be given several times.", HelpName = "TEXT" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { maxTokens, temperature, topK, topP, minP, repeatPenalty, seed, stop })
            command.Add(option);
    }

    /// <summary>Whether the number of tokens was given, and is not the default.</summary>
    public bool NamesMaxTokens(ParseResult parsed) => parsed.GetResult(maxTokens) is { Implicit: false };

    /// <exception cref="UsageException">Values are out of range: all of them are named.</exception>
    public SamplingOptions Read(ParseResult parsed)
    {
        var options = new SamplingOptions
        {
            MaxTokens = parsed.GetValue(maxTokens),
            Temperature = parsed.GetValue(temperature),
            TopK = parsed.GetValue(topK),
            TopP = parsed.GetValue(topP),
            MinP = parsed.GetValue(minP),
            RepeatPenalty = parsed.GetValue(repeatPenalty),
            Seed = parsed.GetValue(seed),
            Stop = parsed.GetValue(stop) ?? [],
        };
        var problems = new Problems();
        options.Validate(problems);
        return problems.None ? options : throw new UsageException(string.Join(Environment.NewLine, problems.Found.Select(problem => $"--{problem}")));
    }

    private static Option<T> Number<T>(string name, string description, T value) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => value,
    };
}
