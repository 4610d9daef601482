namespace Cria.Data;

/// <summary>One sequence to learn from.</summary>
public sealed class Example
{
    /// <summary>The label of a token that is not supervised.</summary>
    public const int Unsupervised = -100;

    /// <summary>An example from its tokens and their labels.</summary>
    /// <exception cref="ArgumentException">There are more or fewer labels than tokens.</exception>
    public Example(int[] tokens, int[] labels, RecordOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(labels);
        if (tokens.Length != labels.Length)
            throw new ArgumentException($"{labels.Length} labels for {tokens.Length} tokens.", nameof(labels));
        (Tokens, Labels, Origin) = (tokens, labels, origin);
        SupervisedTokens = labels.Skip(1).Count(label => label != Unsupervised);
    }

    /// <summary>The token ids.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>For each token itself again where it is supervised, and −100 where not. The model's shift by one is not made here.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>Where it was read.</summary>
    public RecordOrigin Origin { get; }

    /// <summary>What it shows, or null.</summary>
    public RecordImage? Image { get; init; }

    /// <summary>How many tokens a loss is taken of. The first is never among them: nothing comes before it that could predict it.</summary>
    public int SupervisedTokens { get; }

    /// <summary>Some of its tokens, as an example.</summary>
    internal Example Part(int start, int length)
    {
        int[] tokens = [.. Tokens.Skip(start).Take(length)];
        int[] labels = ReferenceEquals(Tokens, Labels) ? tokens : [.. Labels.Skip(start).Take(length)];
        return new Example(tokens, labels, Origin) { Image = Image };
    }

    /// <summary>The same, showing an image.</summary>
    internal Example Showing(RecordImage? image) => image is null ? this : new Example((int[])Tokens, (int[])Labels, Origin) { Image = image };
}
