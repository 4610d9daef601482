using Cria.Tensors;

namespace Cria.Models;

/// <summary>The keys and values of the tokens so far, of several sequences, so that a new token costs one row.</summary>
/// <remarks>Each layer holds two tensors (sequences · capacity, K·D) of <see cref="LlamaModel.CacheType"/>; a sequence owns a run of <c>capacity</c> rows.</remarks>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] keys;
    private readonly Tensor[] values;
    private readonly int[] lengths;
    private readonly Dictionary<object, Tensor[]> remembered = [];
    private readonly LlamaModel model;

    /// <summary>An empty cache.</summary>
    /// <param name="model">The model that will fill it.</param>
    /// <param name="sequences">How many sequences it holds.</param>
    /// <param name="capacity">The most tokens of one sequence.</param>
    public KeyValueCache(LlamaModel model, int sequences, int capacity)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model;
        var shape = new Shape((long)sequences * capacity, model.Config.KeySize);
        keys = [.. model.Blocks.Select(_ => model.Device.Empty(shape, model.CacheType))];
        values = [.. model.Blocks.Select(_ => model.Device.Empty(shape, model.CacheType))];
        lengths = new int[sequences];
        Capacity = capacity;
    }

    /// <summary>The most tokens of one sequence.</summary>
    public int Capacity { get; private set; }

    /// <summary>How many tokens a sequence holds.</summary>
    public int Length(int sequence) => lengths[sequence];

    /// <summary>Keeps only the first tokens of a sequence.</summary>
    public void Truncate(int sequence, int length) =>
        lengths[sequence] = length <= lengths[sequence] ? length : throw new ArgumentOutOfRangeException(nameof(length));

    /// <summary>Makes room for longer sequences; what they hold stays.</summary>
    /// <param name="capacity">The most tokens of one sequence; nothing happens where there is room for as many.</param>
    public void Grow(int capacity)
    {
        if (capacity <= Capacity)
            return;
        var shape = new Shape((long)lengths.Length * capacity, model.Config.KeySize);
        foreach (var tensors in new[] { keys, values })
            for (int layer = 0; layer < tensors.Length; layer++)
                tensors[layer] = Moved(tensors[layer], model.Device.Empty(shape, tensors[layer].Type), capacity);
        Capacity = capacity;
    }

    /// <summary>The context of a forward pass whose rows continue these sequences, one after another.</summary>
    /// <param name="parts">For each sequence that goes on: which, and by how many tokens.</param>
    public ForwardContext Continue(params ReadOnlySpan<(int Sequence, int Tokens)> parts)
    {
        var spans = new AttentionSpan[parts.Length];
        var positions = new List<int>();
        for (int i = 0; i < parts.Length; i++)
        {
            var (sequence, tokens) = parts[i];
            int start = lengths[sequence];
            if (start + tokens > Capacity)
                throw new InvalidOperationException($"The cache holds {Capacity} tokens a sequence; {start} + {tokens} do not fit.");
            spans[i] = new AttentionSpan(positions.Count, tokens, sequence * Capacity, start + tokens);
            positions.AddRange(Enumerable.Range(start, tokens));
            lengths[sequence] = start + tokens;
        }
        return new ForwardContext([.. positions], spans, this);
    }

    /// <summary>Gives the memory back to the device.</summary>
    public void Dispose()
    {
        foreach (var tensor in keys.Concat(values).Concat(remembered.Values.SelectMany(tensors => tensors)))
            tensor.Release();
    }

    /// <summary>What is the same for every token, such as the keys of a trained prompt: computed with the first one, then kept.</summary>
    internal Tensor[] Remember(object owner, Func<Tensor[]> make)
    {
        if (!remembered.TryGetValue(owner, out var kept))
            remembered[owner] = kept = [.. make().Select(Outlasting)];
        return kept;
    }

    private static Tensor Outlasting(Tensor tensor)
    {
        var copy = tensor.Device.Lasting(tensor.Shape, tensor.Type);
        tensor.Device.CopyRows(tensor, 0, copy, 0, tensor.Shape.Rows);
        return copy;
    }

    private Tensor Moved(Tensor from, Tensor to, int capacity)
    {
        for (int sequence = 0; sequence < lengths.Length; sequence++)
            from.Device.CopyRows(from, sequence * Capacity, to, sequence * capacity, lengths[sequence]);
        from.Release();
        return to;
    }

    /// <summary>Writes the new rows of a layer behind those that are there, and returns all rows.</summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor k, Tensor v, ForwardContext context)
    {
        k.Device.AppendRows(k, keys[layer], context.Spans);
        v.Device.AppendRows(v, values[layer], context.Spans);
        return (keys[layer], values[layer]);
    }
}
