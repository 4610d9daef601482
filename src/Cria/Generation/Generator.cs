using Cria.Models;
using Cria.Tensors;
using Cria.Tokenizers;

namespace Cria.Generation;

/// <summary>Continues token sequences with a model, one token at a time over a cache.</summary>
public sealed class Generator(LlamaModel model, Tokenizer tokenizer)
{
    /// <summary>What each prompt shows: rows of image features (N, D), f32, or null. Empty where none shows anything.</summary>
    public IReadOnlyList<Tensor?> Images { get; init; } = [];

    /// <summary>Continues one prompt; each piece of text comes as soon as its characters are complete.</summary>
    /// <param name="prompt">Token ids, at least one.</param>
    /// <param name="options">How to choose tokens and when to stop.</param>
    /// <param name="stop">Ends the stream early; what was generated so far stays valid.</param>
    public IEnumerable<GeneratedToken> Stream(IReadOnlyList<int> prompt, SamplingOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sequence = new GeneratedSequence(tokenizer, options, prompt);
        using var passes = new CachedPasses(model, 1, prompt.Count + options.MaxTokens, Shown(1)) { Samplers = [sequence.Sampler] };
        var outlook = passes.Prefill(0, prompt);
        while (!stop.IsCancellationRequested)
        {
            var token = sequence.Next(outlook);
            if (token.Text.Length > 0 || sequence.Finish is null)
                yield return token;
            if (sequence.Finish is not null)
                yield break;
            outlook = passes.Step([(0, token.Id)])[0];
        }
    }

    /// <summary>Continues several prompts together: a step reads the weights once for all of them.</summary>
    /// <returns>For each prompt, what followed it.</returns>
    public IReadOnlyList<GeneratedSequence> Batch(IReadOnlyList<IReadOnlyList<int>> prompts, SamplingOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        var sequences = prompts.Select(prompt => new GeneratedSequence(tokenizer, options, prompt)).ToList();
        using var passes = new CachedPasses(model, prompts.Count, prompts.Max(prompt => prompt.Count) + options.MaxTokens, Shown(prompts.Count))
        {
            Samplers = [.. sequences.Select(sequence => sequence.Sampler)],
        };
        var outlooks = prompts.Select((prompt, i) => passes.Prefill(i, prompt)).ToArray();
        while (!stop.IsCancellationRequested)
        {
            var next = new List<(int Sequence, int Token)>();
            for (int i = 0; i < sequences.Count; i++)
            {
                if (sequences[i].Finish is null && sequences[i].Next(outlooks[i]) is var token && sequences[i].Finish is null)
                    next.Add((i, token.Id));
            }
            if (next.Count == 0)
                break;
            var rows = passes.Step(next);
            for (int i = 0; i < next.Count; i++)
                outlooks[next[i].Sequence] = rows[i];
        }
        return sequences;
    }

    private IReadOnlyList<Tensor?>? Shown(int prompts)
    {
        if (Images.Count != 0 && Images.Count != prompts)
            throw new ArgumentException($"Expected one image, or null, for each of {prompts} prompts, found {Images.Count}.");
        return Images.Count == 0 ? null : Images;
    }
}
