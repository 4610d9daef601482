using System.Numerics;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>Passes of one token for each of some sequences of a cache, again and again: what comes a second time is recorded, where the device can, and then run anew.</summary>
/// <remarks>For one model as it is now: when an adapter comes or goes, make others.</remarks>
internal sealed class DecodingSteps(LlamaModel model, KeyValueCache cache) : IDisposable
{
    private Recorded? recorded;
    private Kind? last;
    private bool refused;

    /// <summary>The logits behind each token (N, V). They belong to the scope of the caller, or to this until its next call.</summary>
    /// <param name="tokens">One for each sequence that goes on.</param>
    /// <param name="context">From <see cref="KeyValueCache.Continue"/>.</param>
    public Tensor Logits(int[] tokens, ForwardContext context)
    {
        if (refused || Gradients.Enabled || model.EmbeddingExtras.Count > 0 || context.Images.Any(image => image is not null) || context.Spans.Any(span => span.Queries != 1))
            return Plain(tokens, context);
        var kind = Kind.Of(context, cache);
        if (recorded?.Kind != kind)
        {
            Forget();
            if (last != kind)
            {
                last = kind;
                return Plain(tokens, context);
            }
            recorded = Record(kind, context);
            refused = recorded is null;
        }
        return recorded?.Run(tokens, context, model.Config.VocabularySize) ?? Plain(tokens, context);
    }

    /// <summary>Forgets what was recorded, and gives its memory back.</summary>
    public void Dispose() => Forget();

    private Tensor Plain(int[] tokens, ForwardContext context) => model.Logits(model.Forward(tokens, context));

    private void Forget()
    {
        recorded?.Dispose();
        recorded = null;
    }

    private Recorded? Record(Kind kind, ForwardContext context)
    {
        var device = model.Device;
        var inputs = new RecordedInputs(new int[kind.Rows], [.. context.Positions], [.. context.Spans], kind.MostKeys);
        var logits = device.Lasting(new Shape(kind.Rows, model.Config.VocabularySize), device.ActivationType);
        var work = device.Record(inputs, () =>
        {
            using var scope = TensorScope.Begin();
            var hidden = model.Forward(inputs.Tokens, new ForwardContext(inputs.Positions, inputs.Spans, cache));
            device.CopyRows(model.Logits(hidden), 0, logits, 0, kind.Rows);
        });
        if (work is not null)
            return new Recorded(kind, inputs, work, logits);
        logits.Release();
        return null;
    }

    // What a recorded pass is good for: any tokens and lengths, as long as all of these stay.
    private readonly record struct Kind(int Rows, int Capacity, int MostKeys)
    {
        private const int LeastKeys = 128;

        public static Kind Of(ForwardContext context, KeyValueCache cache)
        {
            int most = context.Spans.Max(span => span.Keys);
            return new(context.Positions.Count, cache.Capacity, Math.Max(LeastKeys, (int)BitOperations.RoundUpToPowerOf2((uint)most)));
        }
    }

    private sealed record Recorded(Kind Kind, RecordedInputs Inputs, RecordedWork Work, Tensor Logits) : IDisposable
    {
        public Tensor Run(int[] tokens, ForwardContext context, int vocabulary)
        {
            foreach (int token in tokens)
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)vocabulary, nameof(tokens));
            tokens.CopyTo(Inputs.Tokens, 0);
            context.Places.CopyTo(Inputs.Positions, 0);
            for (int i = 0; i < Inputs.Spans.Length; i++)
                Inputs.Spans[i] = context.Spans[i];
            Work.Run();
            return Logits;
        }

        public void Dispose()
        {
            Work.Dispose();
            Logits.Release();
        }
    }
}
