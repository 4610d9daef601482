using System.Diagnostics;
using Cria.Cli.Recipes;
using Cria.Evaluation;
using Cria.Training;
using Spectre.Console;

namespace Cria.Cli.Sessions;

/// <summary>The whole loop on the model and the task that ship inside: measure, fine-tune, measure again.</summary>
internal sealed class Quickstart(string folder, DeviceChoice device, Terminal terminal)
{
    // The longest right answer of the task has about half as many.
    private const int MaxAnswerTokens = 64;
    private const int Shown = 3;

    /// <summary>Runs it. All of it together has to stay a matter of minutes on two cores.</summary>
    public async Task<QuickstartSummary> RunAsync(CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        using (RunFolder.Create(folder))
        {
            // Made again when training begins: a place that cannot be written is to be told before the questions, which take a while.
        }
        var (read, files) = SampleTask.Recipe("quickstart.yaml");
        using var session = TrainingSession.Open(RecipeReader.Read(read, [$"out={Setting.Quote(folder)}", .. files]), device, terminal, stop);
        var questions = QuestionFile.Read(SampleTask.Test);

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
