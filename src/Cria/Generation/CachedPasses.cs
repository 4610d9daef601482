using Cria.Models;
using Cria.Tensors;

namespace Cria.Generation;

/// <summary>A cache and the passes over it.</summary>
internal sealed class CachedPasses(LlamaModel model, int sequences, int capacity, IReadOnlyList<Tensor?>? images = null) : IDisposable
{
    /// <summary>Long prompts go through the model in pieces of so many tokens, so that activations stay small whatever the prompt.</summary>
    public const int Piece = 512;

    private readonly KeyValueCache cache = new(model, sequences, capacity);
    private DecodingSteps? steps;
    private Tensor? scores;         // on a card: the last step's logits after penalties (N, V), f32, for whoever asks for more than the likely ones

    /// <summary>What will choose from what stands behind each sequence: much of that can be done on the device.</summary>
    public required IReadOnlyList<Sampler> Samplers { get; set; }

    /// <summary>The cache itself.</summary>
    public KeyValueCache Cache => cache;

    /// <summary>Reads a prompt; returns what stands behind its last token.</summary>
    public Outlook Prefill(int sequence, IReadOnlyList<int> prompt)
    {
        Outlook outlook = default;
        for (int start = 0; start < prompt.Count; start += Piece)
        {
            int count = Math.Min(Piece, prompt.Count - start);
            bool last = start + count == prompt.Count;
            outlook = Read([.. prompt.Skip(start).Take(count)], Continue([(sequence, count)]), last ? Samplers[sequence] : null) ?? outlook;
        }
        return outlook;
    }

    /// <summary>One more token for each of some sequences; returns what stands behind each.</summary>
    public Outlook[] Step(List<(int Sequence, int Token)> next)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        steps ??= new DecodingSteps(model, cache);
        var logits = steps.Logits([.. next.Select(part => part.Token)], Continue([.. next.Select(part => (part.Sequence, 1))]));
        return Outlooks(logits, [.. next.Select(part => Samplers[part.Sequence])]);
    }

    public void Dispose()
    {
        steps?.Dispose();
        scores?.Release();
        cache.Dispose();
    }

    private ForwardContext Continue((int Sequence, int Tokens)[] parts)
    {
        var context = cache.Continue(parts);
        return images is null ? context : context.With([.. parts.Select(part => images[part.Sequence])]);
    }

    private Outlook? Read(int[] tokens, ForwardContext context, Sampler? sampler)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        var hidden = model.Forward(tokens, context);
        if (sampler is null)
            return null;
        return Outlooks(model.Logits(hidden, tokens.Length - 1, 1), [sampler])[0];
    }

    private Outlook[] Outlooks(Tensor logits, Sampler[] samplers)
    {
        int vocabulary = model.Config.VocabularySize;
        if (Array.TrueForAll(samplers, sampler => sampler.WantsOnlyBest))
            return [.. model.Device.IndexOfMax(logits).Select(best => new Outlook(null, null, best))];
        int wanted = samplers.Max(sampler => sampler.Wants(vocabulary));
        if (model.Device == model.Device.Host || !Array.TrueForAll(samplers, sampler => sampler.Wants(vocabulary) == wanted) || wanted == 0)
            return [.. logits.ToArray().Chunk(vocabulary).Select(row => new Outlook(() => row, null, 0))];
        return Likely(logits, samplers, wanted);
    }

    // All samplers have the same settings: those of the call that reads these sequences.
    private Outlook[] Likely(Tensor logits, Sampler[] samplers, int wanted)
    {
        var device = model.Device;
        if (scores?.Shape != logits.Shape)
        {
            scores?.Release();
            scores = device.Lasting(logits.Shape, DataType.F32);
        }
        var before = samplers.Select(sampler => sampler.Before(logits.Shape.Columns)).ToList();
        var rows = device.Candidates(logits, scores, new CandidateOptions(wanted, [.. before.Select(one => one.Tokens)], before[0].Penalty, before[0].Temperature));
        return [.. rows.Select((likely, row) => new Outlook(() => Scores(row), likely, 0))];
    }

    private float[] Scores(int row)
    {
        using var scope = TensorScope.Begin();
        var one = model.Device.Empty(new Shape(1, scores!.Shape.Columns));
        model.Device.CopyRows(scores, row, one, 0, 1);
        return one.ToArray();
    }
}
