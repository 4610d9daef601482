using System.Diagnostics;
using System.Runtime.CompilerServices;
using Cria.Checkpoints;
using Cria.Data;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>The whole training loop. It knows nothing of the method being trained, only which tensors move.</summary>
/// <example>
/// <code>
/// using var trainer = new Trainer(llama.Model, llama.Checkpoint, adapter, data, options, RunFolder.Create("runs/first"));
/// await foreach (var step in trainer.RunAsync(stop))
///     Console.WriteLine($"{step.Step} of {trainer.Steps}: {step.Loss}");
/// </code>
/// </example>
public sealed class Trainer : IDisposable
{
    private readonly Backend device;
    private readonly TrainingOptions options;
    private readonly RunFolder folder;
    private readonly TrainedFiles files;
    private readonly TrainingCheckpoint checkpoints;
    private readonly TrainingData data;
    private readonly BatchReader batches;
    private readonly Objective objective;
    private readonly AdamW optimizer;
    private readonly ImageFiles images;
    private readonly bool isJoint;
    private readonly int warmup;
    private int saved;
    private bool isMoving;
    private int imageSteps;         // in joint training the tensors of a kind of batch have seen only the steps of their own

    /// <summary>A run at its beginning.</summary>
    /// <param name="model">The model, with the adapter attached.</param>
    /// <param name="source">Where the model's weights come from; the results name it.</param>
    /// <param name="adapter">What is trained.</param>
    /// <param name="data">What is learned.</param>
    /// <param name="options">How.</param>
    /// <param name="folder">Where log, checkpoints and results go. It is disposed of when the run has ended.</param>
    /// <param name="shuffle">Whether each epoch has another order.</param>
    /// <exception cref="OptionsException">Settings that cannot work.</exception>
    public Trainer(
        LlamaModel model, Checkpoint source, Adapter adapter, TrainingData data, TrainingOptions options, RunFolder folder, bool shuffle = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        var problems = new Problems();
        files = new TrainedFiles(adapter, source);
        options.Validate(problems, model.Device);
        files.Validate(problems);
        if (adapter.Options.Stalled(adapter) is { } reason)
            problems.Add($"init_adapter: {reason}");
        isJoint = adapter.Options.IsJoint;
        if (isJoint)
            CheckKinds(data, problems);
        problems.ThrowIfAny();
        images = new ImageFiles(model.Device, adapter.Options, model.Config);
        images.Check(data.Images);

        (device, this.data, this.options, this.folder) = (model.Device, data, options, folder);
        batches = new BatchReader(data.Train, options.BatchSize, options.MicroBatchSize, shuffle ? options.Seed : null, isJoint ? data.ShowsImages : null);
        objective = new Objective(model, adapter.Trained, options, folder, images, isJoint);
        optimizer = new AdamW(adapter, options, folder.Path);
        checkpoints = new TrainingCheckpoint(files, optimizer.Moments);
        Steps = options.StepsOver(batches.BatchesPerEpoch);
        warmup = options.WarmupOf(Steps);
    }

    /// <summary>What the adapter's settings name as its base; the checkpoint's own name unless set.</summary>
    public string BaseName
    {
        get => files.BaseName;
        init => files.BaseName = value;
    }

    /// <summary>All steps of the run.</summary>
    public int Steps { get; }

    /// <summary>Steps done so far.</summary>
    public int Done { get; private set; }

    /// <summary>Goes on from the newest checkpoint of the folder, as if the run had never stopped; from the beginning where there is none yet.</summary>
    /// <exception cref="CheckpointException">It cannot be read, or does not belong to this model.</exception>
    /// <exception cref="OptionsException">Seed, batch size or data have changed since.</exception>
    public void Resume()
    {
        try
        {
            if (folder.Newest is { } checkpoint)
                GoOnFrom(checkpoint);
        }
        catch (CheckpointException wrong) when (folder.Checkpoints is [var newest, var older, ..])
        {
            throw CheckpointException.WithOlder(wrong, newest.Value, older.Value);
        }
        folder.Log.CutAfter(Done);
    }

    private void GoOnFrom(string checkpoint)
    {
        var state = TrainingState.Read(checkpoint);
        State.CheckContinues(state, checkpoint, batches.BatchesPerEpoch);
        checkpoints.Restore(checkpoint);
        (Done, saved, batches.Position, imageSteps) = (state.Step, state.Step, state.Position, state.ImageSteps);
    }

    /// <summary>Trains to the end, a step at a time. A run that is stopped, or that nobody asks for more of, leaves a checkpoint.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TrainingException">The loss or the gradients are not finite.</exception>
    /// <exception cref="CheckpointException">The disk refuses.</exception>
    public async IAsyncEnumerable<TrainingStep> RunAsync([EnumeratorCancellation] CancellationToken stop = default)
    {
        bool failed = false;
        try
        {
            while (Done < Steps)
            {
                failed = true;
                var step = await Task.Run(() => Step(stop), CancellationToken.None).ConfigureAwait(false);
                failed = false;
                yield return step ?? throw new OperationCanceledException(stop);
            }
            files.Export(folder.Path);
        }
        finally
        {
            using (folder)
            {
                if (!failed && saved < Done)
                    Save();
            }
        }
    }

    /// <summary>Gives back the folder and what the optimizer keeps on the disk, and closes the files of images.</summary>
    public void Dispose()
    {
        objective.Dispose();
        optimizer.Dispose();
        images.Dispose();
        folder.Dispose();
    }

    /// <summary>The mean of −ln p over the supervised tokens of the validation data; null where there is none.</summary>
    public double? Validate() => objective.Mean(data.Validation, Done);

    // Null where the step was stopped: everything is then as it was before.
    private TrainingStep? Step(CancellationToken stop)
    {
        var (done, before) = (Done, batches.Position);
        try
        {
            var step = Learn(stop);
            if (Done % options.EvaluateEvery == 0 || Done == Steps)
                step = step with { ValidationLoss = Validate() };
            folder.Log.Add(step);
            if (Done % options.SaveEvery == 0 || Done == Steps)
                Save();
            return step;
        }
        catch (OperationCanceledException)
        {
            optimizer.ZeroGradients();
            batches.Position = before;
            return null;
        }
        catch (CudaException e) when (e.IsOutOfMemory)
        {
            if (Done == done)
                batches.Position = before;
            throw RanOut(e, done + 1);
        }
    }

    // Before the optimizer nothing was moved, after it everything: from there the run can go on with less memory a step. What was moved in part is lost.
    private TrainingException RanOut(CudaException because, int step)
    {
        optimizer.ZeroGradients();
        if (!isMoving && saved < Done)
            Save();
        return TrainingException.OutOfMemory(step, options, because, folder);
    }

    private TrainingStep Learn(CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        var batch = batches.Next();
        if (isJoint)
            optimizer.Begin(batch.ShowsImages);
        double loss = objective.AddGradients(batch, Done + 1, stop);
        double norm = optimizer.GradientNorm();
        objective.CheckNorm(norm, batch, Done + 1);

        double rate = options.LearningRate * Schedules.Factor(options.Schedule, Done, warmup, Steps);
        isMoving = true;
        int alike = !isJoint ? Done : batch.ShowsImages ? imageSteps : Done - imageSteps;
        optimizer.Step(alike + 1, rate, ClippingScale(norm));
        isMoving = false;
        Done++;
        imageSteps += batch.ShowsImages ? 1 : 0;
        return new TrainingStep
        {
            Step = Done,
            Loss = loss,
            LearningRate = rate,
            GradNorm = norm,
            Tokens = batch.Tokens,
            SupervisedTokens = batch.SupervisedTokens,
            TokensPerSecond = batch.Tokens / Stopwatch.GetElapsedTime(start).TotalSeconds,
            MemoryBytes = device.MemoryBytes,
        };
    }

    private static void CheckKinds(TrainingData data, Problems problems)
    {
        int showing = Enumerable.Range(0, data.Train.Count).Count(data.ShowsImages);
        problems.Unless(showing > 0, "joint: no record shows an image, so the image's tensors would never move.");
        problems.Unless(showing < data.Train.Count, "joint: every record shows an image, so the text's tensors would never move.");
    }

    // As torch.nn.utils.clip_grad_norm_ does it.
    private double ClippingScale(double norm) => options.MaxGradNorm > 0 ? Math.Min(1, options.MaxGradNorm / (norm + 1e-6)) : 1;

    private void Save()
    {
        folder.Save(Done, options.Keep, checkpoint => checkpoints.Write(checkpoint, State));
        saved = Done;
    }

    private TrainingState State => new(
        Done, batches.Position, options.Seed, options.BatchSize, data.Train.Count, data.TrainTokens, imageSteps);
}
