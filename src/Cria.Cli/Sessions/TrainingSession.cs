using System.Diagnostics;
using Cria.Checkpoints;
using Cria.Cli.Display;
using Cria.Cli.Recipes;
using Cria.Data;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tokenizers;
using Cria.Training;

namespace Cria.Cli.Sessions;

/// <summary>A recipe brought to life: the model with its adapter, the data, and the run.</summary>
internal sealed class TrainingSession : IDisposable
{
    /// <summary>The resolved recipe in the run folder.</summary>
    public const string RecipeFile = "recipe.yaml";

    private readonly Terminal terminal;

    private TrainingSession(Recipe recipe, Llama llama, TrainingData data, Adapter adapter, Terminal terminal) =>
        (Recipe, Llama, Data, Adapter, this.terminal) = (recipe, llama, data, adapter, terminal);

    public Recipe Recipe { get; }
    public Llama Llama { get; }
    public TrainingData Data { get; }
    public Adapter Adapter { get; }

    /// <summary>Opens the model and the data, and attaches the adapter; writes nothing yet.</summary>
    public static TrainingSession Open(Recipe recipe, DeviceChoice device, Terminal terminal, CancellationToken stop)
    {
        var type = recipe.Base.Type == BaseOptions.Keep ? null : DataType.Parse(recipe.Base.Type);
        var llama = ModelCache.Open(recipe.Run.Model, new LlamaOptions { Device = device.Open, BaseType = type, StreamBase = recipe.Base.Stream });
        try
        {
            CheckFits(recipe, llama.Model);
            var tokenizer = llama.HasTokenizer ? llama.Tokenizer : null;
            var config = llama.Model.Config;
            var data = TrainingData.Load(
                recipe.Data, llama.Template, tokenizer, config.VocabularySize, config.ContextLength, recipe.Train.Seed, stop);
            var adapter = Attach(recipe, llama, terminal);
            if (recipe.Run.InitAdapter is { } origin)
                recipe = recipe.With(adapter.Options, origin);
            if (llama.Template.Warning is { } warning && data.Report.Template == llama.Template.Name)
                terminal.Error.WriteLine(warning);
            return new TrainingSession(Resolved(recipe, data), llama, data, adapter, terminal);
        }
        catch
        {
            llama.Dispose();
            throw;
        }
    }

    /// <summary>Trains to the end, showing how it goes; a run that is stopped says how to go on.</summary>
    /// <param name="resume">Whether to go on with what the run folder holds.</param>
    /// <param name="stop">Ends it after a step.</param>
    /// <param name="measureFirst">Whether the validation loss is measured before the first step too.</param>
    public async Task<TrainingSummary> TrainAsync(bool resume, CancellationToken stop, bool measureFirst = false)
    {
        string folder = Recipe.Run.Out;
        using var run = resume ? RunFolder.Open(folder) : RunFolder.Create(folder);
        using var trainer = CreateTrainer(run);
        if (resume)
            trainer.Resume();
        else
            AtomicFile.WriteText(Path.Combine(folder, RecipeFile), Recipe.ToYaml());

        Announce(trainer);
        double? first = measureFirst ? trainer.Validate() : null;
        long start = Stopwatch.GetTimestamp();
        var display = new TrainingDisplay(terminal, trainer.Done, trainer.Steps);
        try
        {
            await display.ShowAsync(trainer.RunAsync(stop));
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine($"Stopped after step {trainer.Done}. Go on with: cria train --resume {folder}");
            throw;
        }
        finally
        {
            LossPlot.Draw(Path.Combine(folder, "log.jsonl"), Path.Combine(folder, "loss.png"), terminal.Error);
        }
        return new TrainingSummary(folder, trainer.Steps, display.Last?.Loss, display.Last?.ValidationLoss, Adapter.TrainedCount, Stopwatch.GetElapsedTime(start).TotalSeconds) { FirstValidationLoss = first };
    }

    // Settings that cannot work leave no folder behind that looks like a run.
    private Trainer CreateTrainer(RunFolder run)
    {
        try
        {
            return new Trainer(Llama.Model, Llama.Checkpoint, Adapter, Data, Recipe.Train, run, Recipe.Data.Shuffle) { BaseName = Llama.Name };
        }
        catch
        {
            run.Dispose();
            foreach (string folder in new[] { Path.Combine(run.Path, "checkpoints"), run.Path })
            {
                if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
                    Directory.Delete(folder);
            }
            throw;
        }
    }

    public void Dispose()
    {
        Data.Dispose();
        Llama.Dispose();
    }

    private void Announce(Trainer trainer)
    {
        long all = Llama.Model.Config.ParameterCount;
        terminal.Error.WriteLine($"{Llama.Name}: {all / 1e6:F1} M parameters, {Adapter.TrainedCount / 1e6:F2} M trained ({(double)Adapter.TrainedCount / all:P2})");
        foreach (var report in new[] { Data.Report, Data.ValidationReport }.OfType<DataReport>())
        {
            terminal.Error.WriteLine(report.ToString());
            if (report.Warning is { } warning)
                terminal.Error.WriteLine(warning);
        }
        string from = trainer.Done > 0 ? $"Going on from step {trainer.Done}" : "Training";
        terminal.Error.WriteLine($"{from}: {trainer.Steps} steps of {Recipe.Train.BatchSize} sequences, into {Recipe.Run.Out}");
    }

    // Where nothing was a conversation, or files went through different templates, there is none to name.
    private static Recipe Resolved(Recipe recipe, TrainingData data) =>
        data.Report.Template == ChatTemplate.Own || ChatTemplate.Parse(data.Report.Template) is { } template && template != ChatTemplate.None
            ? recipe.WithTemplate(data.Report.Template)
            : recipe;

    // What depends on the model and the device, before data are read.
    private static void CheckFits(Recipe recipe, LlamaModel model)
    {
        var problems = new Problems();
        recipe.Data.Validate(problems, model.Config.ContextLength);
        recipe.Train.Validate(problems, model.Device);
        problems.ThrowIfAny();
    }

    private static Adapter Attach(Recipe recipe, Llama llama, Terminal terminal)
    {
        if (recipe.Run.InitAdapter is not { } folder)
            return recipe.Peft.Attach(llama.Model, (ulong)recipe.Train.Seed);
        var adapter = llama.LoadAdapter(ModelCache.Resolve(folder));
        if (adapter.Note is { } note)
            terminal.Error.WriteLine(note);
        CheckAgrees(recipe, adapter, folder);
        return adapter;
    }

    // The adapter brings its own settings. A recipe may repeat them, but must not say otherwise.
    private static void CheckAgrees(Recipe recipe, Adapter adapter, string folder)
    {
        var problems = new Problems();
        var typed = recipe.Settings.Where(setting => setting.Section == "peft" && setting.Origin != RecipeReader.Default).ToDictionary(setting => setting.Key);
        problems.Unless(!typed.TryGetValue(RecipeReader.MethodKey, out var method) || method.Value == adapter.Options.Method,
            $"method: {method?.Value} contradicts init_adapter: {folder} has {adapter.Options.Method}. Leave the key out. ({method?.Origin})");
        foreach (var setting in Section.Of(adapter.Options).Settings.Where(setting => setting.Key != "targets"))
        {
            string own = setting.Text(adapter.Options);
            problems.Unless(!typed.TryGetValue(setting.Key, out var said) || said.Value == own,
                $"{setting.Key}: {said?.Value} contradicts init_adapter: {folder} has {own}. Leave the key out. ({said?.Origin})");
        }
        problems.ThrowIfAny();
    }
}

/// <summary>How a run ended.</summary>
internal sealed record TrainingSummary(string Run, int Steps, double? Loss, double? ValidationLoss, long TrainedParameters, double Seconds)
{
    /// <summary>Before the first step, where it was asked for.</summary>
    public double? FirstValidationLoss { get; init; }

    public override string ToString() =>
        $"{Run}: {Steps} steps{(Loss is { } loss ? $", loss {loss:F4}" : "")}{(ValidationLoss is { } validation ? $", validation loss {validation:F4}" : "")}, {Seconds:F0} s";
}
