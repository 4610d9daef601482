using System.Diagnostics;
using System.Text.Json;
using Cria.Cli.Recipes;
using Cria.Evaluation;
using Spectre.Console;

namespace Cria.Cli.Sessions;

/// <summary>The whole loop on the model and the task that ship inside: measure, fine-tune, measure again.</summary>
internal sealed class Quickstart(string folder, int threads, Terminal terminal)
{
    // The longest right answer of the task has about half as many.
    private const int MaxAnswerTokens = 64;
    private const int Shown = 3;

    /// <summary>Runs it. All of it together has to stay a matter of minutes on two cores.</summary>
    public async Task<QuickstartSummary> RunAsync(CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        string task = CriaTiny.SampleTask();
        using var session = TrainingSession.Open(ReadRecipe(task), threads, terminal, stop);
        var questions = ReadQuestions(Path.Combine(task, "test.jsonl"));

        terminal.Error.WriteLine($"{CriaTiny.Name}, {session.Llama.Model.Config.ParameterCount / 1e6:F1} M parameters, answers {questions.Count} questions that it has never seen ...");
        session.Adapter.Enabled = false;
        var before = Ask(session, questions, stop);
        session.Adapter.Enabled = true;
        terminal.Error.WriteLine($"before: {ExactMatch.Share(before):P0} right to the letter");

        await session.TrainAsync(resume: false, stop);
        var after = Ask(session, questions, stop);
        terminal.Error.WriteLine($"after: {ExactMatch.Share(after):P0} right to the letter");
        return new QuickstartSummary(before, after, Stopwatch.GetElapsedTime(start).TotalSeconds, folder);
    }

    private Recipe ReadRecipe(string task)
    {
        using var resource = typeof(Quickstart).Assembly.GetManifestResourceStream("quickstart.yaml")!;
        using var text = new StreamReader(resource);
        return RecipeReader.ReadText(text.ReadToEnd(), "quickstart.yaml",
        [
            $"out={Quoted(folder)}",
            $"data.train={Quoted(Path.Combine(task, "train.jsonl"))}",
            $"data.validation={Quoted(Path.Combine(task, "validation.jsonl"))}",
        ]);
    }

    private static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";

    private IReadOnlyList<Answered> Ask(TrainingSession session, IReadOnlyList<Question> questions, CancellationToken stop)
    {
        var exam = new ExactMatch(session.Llama.Model, session.Llama.Tokenizer, session.Llama.Template);
        if (!terminal.Live)
            return exam.Run(questions, MaxAnswerTokens, null, stop);
        return terminal.Display.Progress().Start(context =>
        {
            var bar = context.AddTask("answering", maxValue: questions.Count);
            return exam.Run(questions, MaxAnswerTokens, new Counter(bar), stop);
        });
    }

    private static List<Question> ReadQuestions(string file) =>
        [.. File.ReadLines(file).Where(line => line.Length > 0).Select(line =>
        {
            using var record = JsonDocument.Parse(line);
            return new Question(record.RootElement.GetProperty("prompt").GetString()!, record.RootElement.GetProperty("completion").GetString()!);
        })];

    /// <summary>Some questions with the answers before and after, for people to look at.</summary>
    public static void WriteExamples(QuickstartSummary summary, TextWriter to)
    {
        foreach (var (before, after) in summary.Before.Zip(summary.After).Take(Shown))
        {
            to.WriteLine(before.Question.Prompt);
            to.WriteLine($"  before  {OneLine(before.Found)}");
            to.WriteLine($"  after   {OneLine(after.Found)}{(after.IsRight ? "" : $"   (right: {after.Question.Answer})")}");
        }
    }

    private static string OneLine(string text)
    {
        const int most = 90;
        string line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= most ? line : string.Concat(line.AsSpan(0, most), " …");
    }

    private sealed class Counter(ProgressTask bar) : IProgress<int>
    {
        public void Report(int value) => bar.Value = value;
    }
}

/// <summary>What the quickstart found.</summary>
internal sealed record QuickstartSummary(IReadOnlyList<Answered> Before, IReadOnlyList<Answered> After, double Seconds, string Run);
