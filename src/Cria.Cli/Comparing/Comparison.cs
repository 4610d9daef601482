using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Cli.Recipes;
using Cria.Cli.Sessions;
using Cria.Planning;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Cli.Comparing;

/// <summary>Runs one method after the other over the same base, data and budget, each on a device of its own, and keeps what came of them.</summary>
internal sealed class Comparison(CompareRecipe recipe, Budget budget, string folder, DeviceChoice device, Terminal terminal)
{
    public const string ResultFile = "compare.json", PictureFile = "compare.png";

    // The first steps of a run take longer than those that follow; so many tell how long one takes.
    private const int ProbeSteps = 5;

    private readonly Exam exam = new(recipe.Options, terminal);
    private readonly Dictionary<string, double?> before = [];
    private readonly List<ComparedMethod> results = [];

    /// <summary>What is known so far.</summary>
    public IReadOnlyList<ComparedMethod> Results => results;

    public Exam Exam => exam;

    /// <summary>Runs all of them. One that fails leaves its reason, and the rest go on.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        OutputFolder.Make(folder);
        var problems = new Problems();
        var contenders = recipe.Contenders(folder, problems);
        problems.ThrowIfAny();
        if (budget.Steps is not null || budget.Tokens is not null)
        {
            int steps = budget.Steps ?? StepsFor(budget.Tokens!.Value, contenders[0], stop);
            contenders = [.. contenders.Select(contender => WithSteps(contender, steps))];
        }
        foreach (var (contender, i) in contenders.Select((contender, i) => (contender, i)))
        {
            terminal.Error.WriteLine($"[{i + 1}/{contenders.Count}] {contender.Name}");
            var run = budget.Minutes is { } minutes ? await TimedAsync(contender, minutes, stop) : contender;
            results.Add(await RunAsync(run, stop));
            Save();
        }
    }

    /// <summary>The results as JSON.</summary>
    public JsonObject ToJson() => new()
    {
        ["score"] = exam.Score,
        ["questions"] = exam.IsShare ? exam.Questions : null,
        ["run"] = folder,
        ["methods"] = JsonAnswer.Array(results, result => result.ToJson()),
    };

    private async Task<ComparedMethod> RunAsync(Contender contender, CancellationToken stop)
    {
        var options = contender.Recipe.Train;
        if (exam.IsShare && !before.ContainsKey(contender.Recipe.Base.Type))
            before[contender.Recipe.Base.Type] = ScoreOfBase(contender, stop);
        using var session = TrainingSession.Open(contender.Recipe, device, terminal, stop);
        long all = session.Llama.Model.Config.ParameterCount;
        var result = new ComparedMethod
        {
            Name = contender.Name,
            LearningRate = options.LearningRate,
            TrainedParameters = session.Adapter.TrainedCount,
            Share = (double)session.Adapter.TrainedCount / all,
        };
        try
        {
            var summary = await session.TrainAsync(resume: false, stop, measureFirst: !exam.IsShare);
            long memory = session.Llama.Model.Device.MostMemoryBytes + WeightBytes.Mapped(session.Llama.Checkpoint, session.Adapter, TypeOf(contender));
            return result with
            {
                Steps = summary.Steps,
                FileBytes = FilesOf(summary.Run),
                MemoryBytes = memory,
                TokensPerSecond = MedianSpeed(summary.Run),
                Loss = summary.Loss,
                ValidationLoss = summary.ValidationLoss,
                Before = exam.IsShare ? before[contender.Recipe.Base.Type] : exam.Of(session.Llama, summary.FirstValidationLoss, stop),
                After = exam.Of(session.Llama, summary.ValidationLoss, stop),
            };
        }
        catch (TrainingException e)
        {
            terminal.Error.WriteLine($"{contender.Name} failed: {e.Message}");
            return result with { Failure = e.Message };
        }
    }

    // On a device of its own, so that the memory of answering is not that of training.
    private double? ScoreOfBase(Contender contender, CancellationToken stop)
    {
        using var llama = ModelCache.Open(contender.Recipe.Run.Model, new LlamaOptions { Device = device.Open, BaseType = TypeOf(contender) });
        return exam.Of(llama, null, stop);
    }

    private static DataType? TypeOf(Contender contender) => contender.Recipe.Base.Type == BaseOptions.Keep ? null : DataType.Parse(contender.Recipe.Base.Type);

    private int StepsFor(long tokens, Contender contender, CancellationToken stop)
    {
        using var session = TrainingSession.Open(contender.Recipe, device, terminal, stop);
        double mean = session.Data.Train.Average(sequence => sequence.Length);
        return (int)Math.Clamp(Math.Round(tokens / (mean * contender.Recipe.Train.BatchSize)), 1, int.MaxValue);
    }

    // The schedule has to know its end, so the time of a step is measured first, on a run that leaves nothing.
    private async Task<Contender> TimedAsync(Contender contender, double minutes, CancellationToken stop)
    {
        string probe = Path.Combine(folder, $".{contender.Name}");
        try
        {
            using var session = TrainingSession.Open(WithSteps(contender, ProbeSteps, new RecipeEntry("out", "out", new RecipeValue(probe), "compare")).Recipe, device, terminal, stop);
            await session.TrainAsync(resume: false, stop);
            double seconds = Seconds(probe).Min();
            return WithSteps(contender, (int)Math.Clamp(minutes * 60 / seconds, 1, int.MaxValue));
        }
        finally
        {
            if (Directory.Exists(probe))
                Directory.Delete(probe, recursive: true);
        }
    }

    // A budget may have fewer steps than the recipe's warm-up, which then takes a tenth of them.
    private Contender WithSteps(Contender contender, int steps, params RecipeEntry[] more)
    {
        List<RecipeEntry> entries = [Entry("steps", steps), .. more];
        if (contender.Recipe.Train.WarmupSteps >= steps)
            entries.Add(Entry("warmup_steps", steps / 10));
        var problems = new Problems();
        if (recipe.Contenders(folder, problems, entries).SingleOrDefault(other => other.Name == contender.Name) is { } one)
            return one;
        problems.ThrowIfAny();
        throw new InvalidOperationException($"{contender.Name} is not among the methods of the comparison.");
    }

    private static RecipeEntry Entry(string key, int value) =>
        new($"train.{key}", key, new RecipeValue(value.ToString(System.Globalization.CultureInfo.InvariantCulture)), "budget");

    private void Save()
    {
        AtomicFile.WriteText(Path.Combine(folder, ResultFile), JsonAnswer.Text(ToJson()) + "\n");
        Display.ComparisonPlot.Draw(results, exam, Path.Combine(folder, PictureFile), terminal.Error);
    }

    private static long FilesOf(string run) =>
        Directory.EnumerateFiles(run, "*.safetensors").Concat(Directory.EnumerateFiles(run, "adapter_config.json")).Sum(file => new FileInfo(file).Length);

    private static double MedianSpeed(string run)
    {
        var speeds = Steps(run, step => step.GetProperty("tokens_per_second").GetDouble()).Order().ToList();
        return speeds.Count == 0 ? 0 : speeds[speeds.Count / 2];
    }

    private static IEnumerable<double> Seconds(string run) =>
        Steps(run, step => step.GetProperty("tokens").GetDouble() / Math.Max(1e-9, step.GetProperty("tokens_per_second").GetDouble()));

    private static IEnumerable<double> Steps(string run, Func<JsonElement, double> value)
    {
        foreach (string line in File.ReadLines(Path.Combine(run, "log.jsonl")))
        {
            using var step = JsonDocument.Parse(line);
            yield return value(step.RootElement);
        }
    }
}
