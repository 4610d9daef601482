using Cria.Models;
using Cria.Tokenizers;

namespace Cria.Generation;

/// <summary>Continues prompts that begin as those before them did: a conversation. Of each prompt only what is new is read.</summary>
/// <remarks>For one thread. The memory for keys and values grows with the conversation.</remarks>
public sealed class GenerationSession(LlamaModel model, Tokenizer tokenizer) : IDisposable
{
    private const int LeastCapacity = 512;

    private readonly List<int> held = [];
    private CachedPasses? passes;

    /// <summary>How many tokens of the last prompt had to be read; the others were known from before.</summary>
    public int TokensRead { get; private set; }

    /// <summary>How many tokens are known: of the prompt and of what followed.</summary>
    public int TokensHeld => held.Count;

    /// <summary>Continues a prompt; each piece of text comes as soon as its characters are complete.</summary>
    /// <param name="prompt">Token ids, at least one.</param>
    /// <param name="options">How to choose tokens and when to stop.</param>
    /// <param name="stop">Ends the stream early; what was generated so far stays valid.</param>
    public IEnumerable<GeneratedToken> Stream(IReadOnlyList<int> prompt, SamplingOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(options);
        var sequence = new GeneratedSequence(tokenizer, options, prompt);
        var outlook = Read(prompt, sequence.Sampler, stop);
        while (outlook is { } behind && !stop.IsCancellationRequested)
        {
            var token = sequence.Next(behind);
            if (token.Text.Length > 0 || sequence.Finish is null)
                yield return token;
            if (sequence.Finish is not null)
                yield break;
            outlook = Step(token.Id, sequence.Sampler);
        }
    }

    /// <summary>Forgets all, as it must be when the model changes: when an adapter comes or goes.</summary>
    public void Clear()
    {
        passes?.Dispose();
        passes = null;
        held.Clear();
    }

    /// <summary>Gives the memory back to the device.</summary>
    public void Dispose() => Clear();

    // The last token is read anew even where it is known: what follows it is what is wanted. Null if there was no time for all.
    private Outlook? Read(IReadOnlyList<int> prompt, Sampler sampler, CancellationToken stop)
    {
        int known = 0;
        while (known < Math.Min(held.Count, prompt.Count - 1) && held[known] == prompt[known])
            known++;
        held.RemoveRange(known, held.Count - known);
        var cached = Room(prompt.Count, sampler);
        cached.Cache.Truncate(0, known);
        TokensRead = prompt.Count - known;
        Outlook? outlook = null;
        foreach (int[] part in prompt.Skip(known).Chunk(CachedPasses.Piece))
        {
            if (stop.IsCancellationRequested)
                return null;
            outlook = cached.Prefill(0, part);
            held.AddRange(part);
        }
        return outlook;
    }

    private Outlook Step(int token, Sampler sampler)
    {
        var cached = Room(held.Count + 1, sampler);
        var outlook = cached.Step([(0, token)])[0];
        held.Add(token);
        return outlook;
    }

    // Twice the room each time, so that what was there is moved a few times only.
    private CachedPasses Room(int tokens, Sampler sampler)
    {
        passes ??= new CachedPasses(model, 1, Math.Max(LeastCapacity, tokens)) { Samplers = [] };
        passes.Samplers = [sampler];
        if (tokens > passes.Cache.Capacity)
            passes.Cache.Grow(Math.Max(tokens, 2 * passes.Cache.Capacity));
        return passes;
    }
}
