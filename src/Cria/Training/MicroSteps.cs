using Cria.Models;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>Forward and backward passes, again and again: what comes a second time in the same shape is recorded, where the device can, and then run anew.</summary>
/// <remarks>
/// The shape is the lengths of the sequences, all of whose rows have a target, as texts cut to one length have; other batches run plainly. A recording
/// adds to the gradients as they are, so it holds for every part of a batch; new tokens, targets and the seed of dropout are read in each run.
/// </remarks>
internal sealed class MicroSteps(LlamaModel model, IReadOnlyList<Parameter> trained, bool records = true) : IDisposable
{
    private Recorded? recorded;
    private Kind? last;
    private bool refused = !records || model.Device == model.Device.Host || model.Streamed is not null || model.EmbeddingExtras.Count > 0;

    /// <summary>Whether the last pass was one that had been recorded.</summary>
    public bool IsRecorded { get; private set; }

    /// <summary>Adds the gradients of <c>scale · Σ −log p(target)</c> to those of the trained tensors; returns that sum.</summary>
    /// <param name="tokens">N ids.</param>
    /// <param name="targets">N ids, or −100.</param>
    /// <param name="context">For a training pass over whole sequences.</param>
    /// <param name="scale">Usually one over the supervised tokens of the whole batch.</param>
    public double AddGradients(int[] tokens, int[] targets, ForwardContext context, float scale)
    {
        IsRecorded = Prepare(targets, context, scale);
        if (IsRecorded)
            return recorded!.Run(tokens, targets, context.Seed);
        using var scope = TensorScope.Begin();      // activations live here, and go back to the pool at its end
        var loss = model.Loss(model.Forward(tokens, context), targets, scale);
        loss.Backward();
        return loss.Item();                         // only now: a card would stand still while it is waited for
    }

    /// <summary>Forgets what was recorded, and gives its memory back: for other work that needs it.</summary>
    public void Forget()
    {
        recorded?.Dispose();
        recorded = null;
    }

    public void Dispose() => Forget();

    // Whether there is a recording for this pass, made now where it comes a second time.
    private bool Prepare(int[] targets, ForwardContext context, float scale)
    {
        if (refused || context.ParksActivations || context.Images.Any(image => image is not null) || targets.Contains(Tensor.NoTarget))
            return false;
        var kind = new Kind(context.Spans, scale, context.Recompute);
        if (recorded?.Kind.IsSame(kind) == true)
            return true;
        bool again = last?.IsSame(kind) == true;
        last = kind;
        if (!again)
            return false;
        Forget();
        recorded = Record(kind, targets.Length, context);
        refused = recorded is null;
        return !refused;
    }

    private Recorded? Record(Kind kind, int rows, ForwardContext context)
    {
        var device = model.Device;
        device.Trim();      // what the plain pass left would stand idle beside the recording's own
        var inputs = new RecordedInputs(new int[rows], [], [], MostKeys: 0) { Targets = new int[rows], Seed = [context.Seed] };
        var loss = device.Lasting(new Shape(1, 1), DataType.F32);
        SettleGradients(trained);
        var work = device.Record(inputs, () =>
        {
            using var scope = TensorScope.Begin();
            var sum = model.Loss(model.Forward(inputs.Tokens, context), inputs.Targets, kind.Scale);
            sum.Backward();
            device.CopyRows(sum.View(loss.Shape), 0, loss, 0, 1);
        });
        if (work is not null)
            return new Recorded(kind, inputs, work, loss, trained, model.Config.VocabularySize);
        loss.Release();
        return null;
    }

    // A recording adds to the gradients: those to which nothing was added yet become zeros, as they do when they are asked for.
    private static void SettleGradients(IReadOnlyList<Parameter> trained)
    {
        foreach (var parameter in trained)
            _ = parameter.Value.Gradient;
    }

    // What a recorded pass is good for: any tokens, as long as these stay.
    private sealed record Kind(IReadOnlyList<AttentionSpan> Spans, float Scale, bool Recompute)
    {
        public bool IsSame(Kind other) => Scale == other.Scale && Recompute == other.Recompute && Spans.SequenceEqual(other.Spans);
    }

    private sealed record Recorded(
        Kind Kind, RecordedInputs Inputs, RecordedWork Work, Tensor Loss, IReadOnlyList<Parameter> Trained, int VocabularySize) : IDisposable
    {
        public double Run(int[] tokens, int[] targets, ulong seed)
        {
            foreach (int id in (ReadOnlySpan<int>)[.. tokens, .. targets])
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)VocabularySize, nameof(tokens));
            tokens.CopyTo(Inputs.Tokens, 0);
            targets.CopyTo(Inputs.Targets, 0);
            Inputs.Seed[0] = seed;
            SettleGradients(Trained);
            Work.Run();
            return Loss.Item();
        }

        public void Dispose()
        {
            Work.Dispose();
            Loss.Release();
        }
    }
}
