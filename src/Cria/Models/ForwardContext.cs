using Cria.Tensors;

namespace Cria.Models;

/// <summary>What a forward pass needs besides the tokens: where each row stands, whom it sees, and what is wanted of the pass.</summary>
public sealed class ForwardContext
{
    internal ForwardContext(int[] positions, IReadOnlyList<AttentionSpan> spans, KeyValueCache? cache) =>
        (Places, Spans, Cache) = (positions, spans, cache);

    /// <summary>The place of each row in its sequence, counted from 0: N of them.</summary>
    public IReadOnlyList<int> Positions => Places;

    /// <summary>Who sees whom.</summary>
    public IReadOnlyList<AttentionSpan> Spans { get; }

    /// <summary>The keys and values of earlier tokens, or null where every sequence starts here.</summary>
    public KeyValueCache? Cache { get; }

    /// <summary>What each sequence shows, one entry for each of <see cref="Spans"/>: rows of image features, or null. Empty where no sequence shows anything.</summary>
    public IReadOnlyList<Tensor?> Images { get; private set; } = [];

    /// <summary>Whether dropout is active.</summary>
    public bool Training { get; init; }

    /// <summary>Where dropout takes its randomness from: another number for each pass.</summary>
    public ulong Seed { get; init; }

    /// <summary>Whether each layer keeps only its input, and is computed a second time in the backward pass.</summary>
    public bool Recompute { get; init; }

    /// <summary>With <see cref="Recompute"/>: whether that input waits in host memory, where the device has memory of its own.</summary>
    public bool ParksActivations { get; init; }

    /// <summary><see cref="Positions"/> themselves, not a copy: what was recorded reads them again.</summary>
    internal int[] Places { get; }

    /// <summary>Cosines and sines of each row (N, D), made once at the start of a pass.</summary>
    internal Tensor Angles { get; set; } = null!;

    /// <summary>Says what the sequences show.</summary>
    /// <param name="images">One entry for each of <see cref="Spans"/>, or none at all.</param>
    public ForwardContext With(IReadOnlyList<Tensor?> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count != 0 && images.Count != Spans.Count)
            throw new ArgumentException($"Expected one entry for each of {Spans.Count} sequences, found {images.Count}.", nameof(images));
        Images = images;
        return this;
    }

    /// <summary>Whole sequences of these lengths, one after another; none sees another.</summary>
    public static ForwardContext Sequences(params ReadOnlySpan<int> lengths) => Sequences(lengths, training: false, seed: 0, recompute: false);

    /// <summary>Whole sequences of these lengths in a training pass.</summary>
    public static ForwardContext Sequences(ReadOnlySpan<int> lengths, bool training, ulong seed, bool recompute, bool parksActivations = false)
    {
        var spans = new AttentionSpan[lengths.Length];
        var positions = new List<int>();
        for (int i = 0; i < lengths.Length; i++)
        {
            spans[i] = new AttentionSpan(positions.Count, lengths[i], positions.Count, lengths[i]);
            positions.AddRange(Enumerable.Range(0, lengths[i]));
        }
        return new ForwardContext([.. positions], spans, cache: null) { Training = training, Seed = seed, Recompute = recompute, ParksActivations = parksActivations };
    }
}
