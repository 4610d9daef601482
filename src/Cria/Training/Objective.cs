using Cria.Data;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>What is made small: the mean of −ln p over supervised tokens, and its gradients.</summary>
internal sealed class Objective(LlamaModel model, IReadOnlyList<Parameter> trained, TrainingOptions options, RunFolder folder, ImageFiles images, bool isJoint) : IDisposable
{
    private readonly MicroSteps steps = new(model, trained, records: !isJoint);       // else now these tensors move, now those

    /// <summary>Adds the gradients of the mean over a batch to those of the trained tensors, part by part, and returns the mean.</summary>
    /// <param name="batch">What to learn from.</param>
    /// <param name="step">The number of the step, from 1: dropout is drawn from it.</param>
    /// <param name="stop">Ends the work between two parts.</param>
    public double AddGradients(Batch batch, int step, CancellationToken stop)
    {
        double mean = 0;
        for (int i = 0; i < batch.Parts.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            if (batch.Parts[i].SupervisedTokens > 0)
                mean += AddGradients(batch.Parts[i], Context(batch.Parts[i], step, i), batch.SupervisedTokens, step);
        }
        return mean;
    }

    /// <summary>Gives back what was recorded.</summary>
    public void Dispose() => steps.Dispose();

    /// <summary>Throws if the norm of the gradients is not finite.</summary>
    public void CheckNorm(double norm, Batch batch, int step)
    {
        if (!double.IsFinite(norm))
            throw NotFinite("norm of the gradients", norm, batch.Parts[^1], Context(batch.Parts[^1], step, 0), batch.Records, step);
    }

    /// <summary>The mean over some sequences as the model stands now; null where nothing is supervised.</summary>
    public double? Mean(IReadOnlyList<Sequence> sequences, int step)
    {
        long tokens = sequences.Sum(sequence => (long)sequence.SupervisedTokens);
        if (tokens == 0)
            return null;
        steps.Forget();
        using var off = Gradients.Off();
        double mean = 0;
        foreach (var part in sequences.Chunk(options.MicroBatchSize).Select(chunk => new MicroBatch(chunk)))
        {
            using var scope = TensorScope.Begin();
            var context = ForwardContext.Sequences([.. part.Lengths]).With(images.Of(part));
            double sum = Loss(part, context, 1).Item();
            if (!double.IsFinite(sum))
                throw NotFinite("validation loss", sum, part, context, OriginsOf(part), step);
            mean += sum / tokens;
        }
        return mean;
    }

    private double AddGradients(MicroBatch part, ForwardContext context, int tokens, int step)
    {
        using var scope = TensorScope.Begin();
        context.With(images.Of(part));

        // Divided by the tokens of the batch, not of the part: else a token in a short part would weigh more.
        double share = steps.AddGradients([.. part.Tokens], [.. part.Targets], context, 1f / tokens);
        if (!double.IsFinite(share))
            throw NotFinite("loss", share, part, context, OriginsOf(part), step);
        return share;
    }

    private Tensor Loss(MicroBatch part, ForwardContext context, float scale) =>
        model.Loss(model.Forward(part.Tokens, context), [.. part.Targets], scale);

    private ForwardContext Context(MicroBatch part, int step, int index)
    {
        ulong seed = RandomSource.Mix(RandomSource.Mix((ulong)options.Seed, (ulong)step), (ulong)index);
        return ForwardContext.Sequences([.. part.Lengths], training: true, seed, options.Recompute, options.HostActivations);
    }

    private TrainingException NotFinite(
        string what, double found, MicroBatch part, ForwardContext context, IEnumerable<RecordOrigin> records, int step) =>
        TrainingException.NotFinite(step, what, found, NonFinite.Find(model, trained, part, context), records, folder.Newest);

    private static IEnumerable<RecordOrigin> OriginsOf(MicroBatch part) => part.Examples.Select(example => example.Origin);
}
