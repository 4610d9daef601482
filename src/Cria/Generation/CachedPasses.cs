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

    /// <summary>Whether only the most likely token is wanted: then logits stay on the device.</summary>
    public bool OnlyBest { get; set; }

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
            outlook = Read([.. prompt.Skip(start).Take(count)], Continue([(sequence, count)]), last) ?? outlook;
        }
        return outlook;
    }

    /// <summary>One more token for each of some sequences; returns what stands behind each.</summary>
    public Outlook[] Step(List<(int Sequence, int Token)> next)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        steps ??= new DecodingSteps(model, cache);
        return Outlooks(steps.Logits([.. next.Select(part => part.Token)], Continue([.. next.Select(part => (part.Sequence, 1))])));
    }

    public void Dispose()
    {
        steps?.Dispose();
        cache.Dispose();
    }

    private ForwardContext Continue((int Sequence, int Tokens)[] parts)
    {
        var context = cache.Continue(parts);
        return images is null ? context : context.With([.. parts.Select(part => images[part.Sequence])]);
    }

    private Outlook? Read(int[] tokens, ForwardContext context, bool isLast)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        var hidden = model.Forward(tokens, context);
        if (!isLast)
            return null;
        var wanted = model.Device.Empty(new Shape(1, hidden.Shape.Columns), hidden.Type);
        model.Device.CopyRows(hidden, tokens.Length - 1, wanted, 0, 1);
        return Outlooks(model.Logits(wanted))[0];
    }

    private Outlook[] Outlooks(Tensor logits) => OnlyBest
        ? [.. model.Device.IndexOfMax(logits).Select(best => new Outlook(null, best))]
        : [.. logits.ToArray().Chunk(model.Config.VocabularySize).Select(row => new Outlook(row, 0))];
}
