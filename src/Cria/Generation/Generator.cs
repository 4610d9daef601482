using Cria.Models;
using Cria.Tensors;
using Cria.Tokenizers;

namespace Cria.Generation;

/// <summary>Continues token sequences with a model, one token at a time over a cache.</summary>
public sealed class Generator(LlamaModel model, Tokenizer tokenizer)
{
    // Long prompts go through the model in pieces, so that activations stay small whatever the prompt.
    private const int Piece = 512;

    /// <summary>Continues one prompt; each piece of text comes as soon as its characters are complete.</summary>
    /// <param name="prompt">Token ids, at least one.</param>
    /// <param name="options">How to choose tokens and when to stop.</param>
    /// <param name="stop">Ends the stream early; what was generated so far stays valid.</param>
    public IEnumerable<GeneratedToken> Stream(IReadOnlyList<int> prompt, SamplingOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sequence = new GeneratedSequence(tokenizer, options, prompt);
        using var passes = new CachedPasses(model, 1, prompt.Count + options.MaxTokens);
        float[] logits = passes.Prefill(0, prompt);
        while (!stop.IsCancellationRequested)
        {
            var token = sequence.Next(logits);
            if (token.Text.Length > 0 || sequence.Finish is null)
                yield return token;
            if (sequence.Finish is not null)
                yield break;
            logits = passes.Step([(0, token.Id)])[0];
        }
    }

    /// <summary>Continues several prompts together: a step reads the weights once for all of them.</summary>
    /// <returns>For each prompt, what followed it.</returns>
    public IReadOnlyList<GeneratedSequence> Batch(IReadOnlyList<IReadOnlyList<int>> prompts, SamplingOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        var sequences = prompts.Select(prompt => new GeneratedSequence(tokenizer, options, prompt)).ToList();
        using var passes = new CachedPasses(model, prompts.Count, prompts.Max(prompt => prompt.Count) + options.MaxTokens);
        var logits = prompts.Select((prompt, i) => passes.Prefill(i, prompt)).ToArray();
        while (!stop.IsCancellationRequested)
        {
            var next = new List<(int Sequence, int Token)>();
            for (int i = 0; i < sequences.Count; i++)
            {
                if (sequences[i].Finish is null && sequences[i].Next(logits[i]) is var token && sequences[i].Finish is null)
                    next.Add((i, token.Id));
            }
            if (next.Count == 0)
                break;
            var rows = passes.Step(next);
            for (int i = 0; i < next.Count; i++)
                logits[next[i].Sequence] = rows[i];
        }
        return sequences;
    }

    /// <summary>A cache and the passes over it.</summary>
    private sealed class CachedPasses(LlamaModel model, int sequences, int capacity) : IDisposable
    {
        private readonly KeyValueCache cache = new(model, sequences, capacity);

        /// <summary>Reads a prompt; returns the logits behind its last token.</summary>
        public float[] Prefill(int sequence, IReadOnlyList<int> prompt)
        {
            float[] logits = [];
            for (int start = 0; start < prompt.Count; start += Piece)
            {
                int count = Math.Min(Piece, prompt.Count - start);
                bool last = start + count == prompt.Count;
                logits = Forward([.. prompt.Skip(start).Take(count)], cache.Continue((sequence, count)), last ? [count - 1] : [])
                    .FirstOrDefault(logits);
            }
            return logits;
        }

        /// <summary>One more token for each of some sequences; returns the logits of each.</summary>
        public float[][] Step(List<(int Sequence, int Token)> next) => Forward(
            [.. next.Select(part => part.Token)],
            cache.Continue([.. next.Select(part => (part.Sequence, 1))]),
            [.. Enumerable.Range(0, next.Count)]);

        public void Dispose() => cache.Dispose();

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
                wanted = model.Device.Empty(new Shape(rows.Length, hidden.Shape.Columns));
                for (int i = 0; i < rows.Length; i++)
                    model.Device.CopyRows(hidden, rows[i], wanted, i, 1);
            }
            var logits = model.Logits(wanted);
            return [.. Enumerable.Range(0, rows.Length).Select(i => logits.Row(i).ToArray())];
        }
    }
}
