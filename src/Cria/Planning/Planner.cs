using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Planning;

/// <summary>Finds what training takes, by training: real steps of the real method over tensors that have shapes and no numbers.</summary>
/// <remarks>So a plan cannot fall behind what it plans: a method, an operation or an optimizer that is new is planned as soon as it runs.</remarks>
public sealed class Planner(LlamaConfig config, TrainingOptions training)
{
    // In the first, gradients come into being; the second is as all that follow.
    private const int Steps = 2;

    /// <summary>Plans steps over a micro-batch of so many sequences of so many tokens, all of them supervised.</summary>
    /// <exception cref="OptionsException">The method does not fit this shape.</exception>
    public MethodPlan Plan(PeftOptions method, int sequences, int length) =>
        Plan(method, [.. Enumerable.Repeat(length, sequences)], sequences * length);

    /// <summary>The same for sequences of these lengths, of whose tokens so many have a target.</summary>
    public MethodPlan Plan(PeftOptions method, IReadOnlyList<int> lengths, int supervised)
    {
        ArgumentNullException.ThrowIfNull(method);
        var kept = Measure(method, lengths, supervised, recompute: false);
        var again = Measure(method, lengths, supervised, recompute: true);
        return kept with { RecomputedActivationBytes = again.ActivationBytes, RecomputedFlop = again.Flop };
    }

    private MethodPlan Measure(PeftOptions method, IReadOnlyList<int> lengths, int supervised, bool recompute)
    {
        using var device = new ShapeBackend();
        using var weights = new ShapeCheckpoint(config, device);
        var model = new LlamaModel(config, weights, device);
        var adapter = method.Attach(model, seed: 0);
        using var optimizer = new AdamW(adapter, training, MomentsOf(adapter));
        double before = 0;
        for (int step = 1; step <= Steps; step++)
        {
            before = device.Flop;
            Pass(model, lengths, supervised, recompute);
            optimizer.Step(step, training.LearningRate, 1);
        }
        long state = device.MemoryBytesInUse;
        return new MethodPlan(config, adapter.TrainedCount, FileBytes(adapter), state, device.Flop - before)
        {
            ActivationBytes = device.MostMemoryBytes - state,
            RecomputedActivationBytes = 0,
            RecomputedFlop = 0,
            Replaced = adapter.Replaced.Select(one => one.Parameter.Name).ToHashSet(),
        };
    }

    private static void Pass(LlamaModel model, IReadOnlyList<int> lengths, int supervised, bool recompute)
    {
        using var scope = TensorScope.Begin();
        int[] tokens = new int[lengths.Sum()], targets = [.. Enumerable.Range(0, tokens.Length).Select(row => row < supervised ? 0 : Tensor.NoTarget)];
        var context = ForwardContext.Sequences([.. lengths], training: true, seed: 0, recompute);
        model.Loss(model.Forward(tokens, context), targets, 1).Backward();
    }

    // Pages lie in a file, and a plan makes no files.
    private Moments MomentsOf(Adapter adapter) => training.Optimizer == Moments.Paged
        ? new UnwrittenPages(adapter.Trained)
        : Moments.Create(training.Optimizer, adapter.Trained, folder: "");

    private long FileBytes(Adapter adapter) => adapter.Options is FullOptions ? WeightBytes.Of(config, DataType.BF16) : HuggingFaceAdapter.FileBytes(adapter);
}
