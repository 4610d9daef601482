using Cria.Models;
using Cria.Tensors;

namespace Cria.Generation;

/// <summary>A cache and the passes over it.</summary>
internal sealed class CachedPasses(LlamaModel model, int sequences, int capacity, IReadOnlyList<Tensor?>? images = null) : IDisposable
{
    /// <summary>Long prompts go through the model in pieces of so many tokens, so that activations stay small whatever the prompt.</summary>
    public const int Piece = 512;

    private readonly KeyValueCache cache = new(model, sequences, capacity);

    /// <summary>The cache itself.</summary>
    public KeyValueCache Cache => cache;

    /// <summary>Reads a prompt; returns the logits behind its last token.</summary>
    public float[] Prefill(int sequence, IReadOnlyList<int> prompt)
    {
        float[] logits = [];
        for (int start = 0; start < prompt.Count; start += Piece)
        {
            int count = Math.Min(Piece, prompt.Count - start);
            bool last = start + count == prompt.Count;
            logits = Forward([.. prompt.Skip(start).Take(count)], Continue([(sequence, count)]), last ? [count - 1] : [])
                .FirstOrDefault(logits);
        }
        return logits;
    }

    /// <summary>One more token for each of some sequences; returns the logits of each.</summary>
    public float[][] Step(List<(int Sequence, int Token)> next) => Forward(
        [.. next.Select(part => part.Token)],
        Continue([.. next.Select(part => (part.Sequence, 1))]),
        [.. Enumerable.Range(0, next.Count)]);

    public void Dispose() => cache.Dispose();

    private ForwardContext Continue((int Sequence, int Tokens)[] parts)
    {
        var context = cache.Continue(parts);
        return images is null ? context : context.With([.. parts.Select(part => images[part.Sequence])]);
    }

    private float[][] Forward(int[] tokens, ForwardContext context, int[] rows)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        var hidden = model.Forward(tokens, context);
        if (rows.Length == 0)
            return [];
        var wanted = hidden;
        if (rows.Length != tokens.Length)
        {
            wanted = model.Device.Empty(new Shape(rows.Length, hidden.Shape.Columns), hidden.Type);
            for (int i = 0; i < rows.Length; i++)
                model.Device.CopyRows(hidden, rows[i], wanted, i, 1);
        }
        return [.. model.Logits(wanted).ToArray().Chunk(model.Config.VocabularySize)];
    }
}
