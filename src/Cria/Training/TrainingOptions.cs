namespace Cria.Training;

/// <summary>How to train: the keys under <c>train:</c> of a recipe.</summary>
public sealed record TrainingOptions
{
    private const int UsualWarmupSteps = 10;

    /// <summary>The names that <see cref="Optimizer"/> may have.</summary>
    public static IReadOnlyList<string> Optimizers { get; } = Moments.Kinds;

    /// <summary>How many times to go through the data; a fraction is allowed. <see cref="Steps"/> goes before it.</summary>
    public double Epochs { get; set; } = 1;

    /// <summary>Optimizer steps, not batches that fit the memory; null leaves it to <see cref="Epochs"/>.</summary>
    public int? Steps { get; set; }

    /// <summary>Sequences of one optimizer step.</summary>
    public int BatchSize { get; set; } = 16;

    /// <summary>How many sequences go through the model at once. Fewer save memory, and change the result only by rounding.</summary>
    public int MicroBatchSize { get; set; } = 2;

    /// <summary>The highest learning rate.</summary>
    public double LearningRate { get; set; } = 2e-4;

    /// <summary>How the learning rate falls: <c>cosine</c>, <c>linear</c> or <c>constant</c>.</summary>
    public string Schedule { get; set; } = "cosine";

    /// <summary>Steps in which the learning rate rises from zero; null: 10, or a tenth of all steps where that is fewer.</summary>
    public int? WarmupSteps { get; set; }

    /// <summary>The same as a share of all steps.</summary>
    public double? WarmupRatio { get; set; }

    /// <summary>λ of AdamW, on everything that is trained.</summary>
    public double WeightDecay { get; set; }

    /// <summary>β₁ and β₂ of AdamW.</summary>
    public IReadOnlyList<double> Betas { get; set; } = [0.9, 0.999];

    /// <summary>ε of AdamW.</summary>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>Gradients are scaled down to this norm, taken over all of them together; 0 turns it off.</summary>
    public double MaxGradNorm { get; set; } = 1;

    /// <summary>Which optimizer: <c>adamw</c>; <c>adamw-8bit</c>, whose states take a quarter of the memory; <c>adamw-host</c>, whose states stay in host memory when a card trains; or <c>adamw-paged</c>, whose states lie in a file.</summary>
    public string Optimizer { get; set; } = Moments.Float;

    /// <summary>Whether each layer is computed again in the backward pass instead of being kept: about a third more time, far less memory.</summary>
    public bool Recompute { get; set; }

    /// <summary>With <see cref="Recompute"/> on a card: whether what is kept of each layer waits in host memory for the backward pass.</summary>
    public bool HostActivations { get; set; }

    /// <summary>The same seed gives the same run, bit for bit.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Steps between two measurements on the validation data; the last step is always measured.</summary>
    public int EvaluateEvery { get; set; } = 100;

    /// <summary>Steps between two checkpoints; the last step always leaves one.</summary>
    public int SaveEvery { get; set; } = 500;

    /// <summary>How many checkpoints stay.</summary>
    public int Keep { get; set; } = 3;

    /// <summary>Adds every reason why these settings cannot work.</summary>
    public void Validate(Problems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        problems.Unless(Steps is not null || (double.IsFinite(Epochs) && Epochs > 0), $"epochs: must be a positive number, got {Epochs}.");
        problems.Unless(Steps is null or >= 1, $"steps: must be 1 or more, got {Steps}.");
        problems.Unless(BatchSize >= 1, $"batch_size: must be 1 or more, got {BatchSize}.");
        problems.Unless(MicroBatchSize >= 1, $"micro_batch_size: must be 1 or more, got {MicroBatchSize}.");
        problems.Unless(BatchSize < 1 || MicroBatchSize < 1 || BatchSize % MicroBatchSize == 0,
            $"batch_size: {BatchSize} is not a multiple of micro_batch_size {MicroBatchSize}.");
        ValidateRate(problems);
        ValidateOptimizer(problems);
        problems.Unless(!HostActivations || Recompute, "host_activations: without recompute: true every number of a layer is kept, and none waits in host memory.");
        problems.Unless(EvaluateEvery >= 1, $"evaluate_every: must be 1 or more, got {EvaluateEvery}.");
        problems.Unless(SaveEvery >= 1, $"save_every: must be 1 or more, got {SaveEvery}.");
        problems.Unless(Keep >= 1, $"keep: must be 1 or more, got {Keep}.");
    }

    /// <summary>Adds every reason why these settings cannot work on a device.</summary>
    public void Validate(Problems problems, Tensors.Backend device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Validate(problems);
        if (device != device.Host)
            return;
        problems.Unless(Optimizer != Moments.OnHost, $"optimizer: on {device.Name} all states are in host memory: {Moments.OnHost} is for cards, use {Moments.Float}.");
        problems.Unless(!HostActivations, $"host_activations: on {device.Name} all activations are in host memory: this is for cards, leave it out.");
    }

    /// <summary>All steps of a run over so many batches an epoch.</summary>
    public int StepsOver(int batchesPerEpoch) => Steps ?? Math.Max(1, (int)Math.Ceiling(Epochs * batchesPerEpoch));

    /// <summary>Steps in which the learning rate rises, of so many.</summary>
    public int WarmupOf(int steps) => WarmupRatio is { } ratio
        ? (int)Math.Ceiling(ratio * steps)
        : WarmupSteps ?? Math.Min(UsualWarmupSteps, steps / 10);

    private void ValidateRate(Problems problems)
    {
        problems.Unless(LearningRate is > 0 and < 1, $"learning_rate: must lie between 0 and 1, got {LearningRate}.");
        problems.UnlessOneOf("schedule", Schedule, Schedules.Names);
        problems.Unless(WarmupSteps is null || WarmupRatio is null, "warmup_steps: give either this or warmup_ratio, not both.");
        problems.Unless(WarmupSteps is null or >= 0, $"warmup_steps: must be 0 or more, got {WarmupSteps}.");
        problems.Unless(WarmupSteps is not { } warmup || Steps is not { } steps || warmup < steps || warmup == 0,
            $"warmup_steps: {WarmupSteps} leaves no step of the {Steps} at the full learning rate.");
        problems.Unless(WarmupRatio is null or (>= 0 and < 1), $"warmup_ratio: must lie from 0 to below 1, got {WarmupRatio}.");
    }

    private void ValidateOptimizer(Problems problems)
    {
        problems.UnlessOneOf("optimizer", Optimizer, Moments.Kinds);
        problems.Unless(double.IsFinite(WeightDecay) && WeightDecay >= 0, $"weight_decay: must be 0 or more, got {WeightDecay}.");
        problems.Unless(Betas is [>= 0 and < 1, >= 0 and < 1], $"betas: must be two numbers from 0 to below 1, got [{string.Join(", ", Betas)}].");
        problems.Unless(double.IsFinite(Epsilon) && Epsilon > 0, $"epsilon: must be a positive number, got {Epsilon}.");
        problems.Unless(double.IsFinite(MaxGradNorm) && MaxGradNorm >= 0, $"max_grad_norm: must be 0 or more, got {MaxGradNorm}.");
    }
}
