namespace Cria.Data;

/// <summary>Rows that go through the model at once: the examples of some sequences one after another, none of which sees another.</summary>
/// <remarks>
/// A row holds a token and the target that follows it. An example's last token is only ever a target, so it has no row. Nothing is padded.
/// </remarks>
public sealed class MicroBatch
{
    /// <summary>The rows of some sequences.</summary>
    public MicroBatch(IEnumerable<Sequence> sequences)
    {
        Examples = [.. sequences.SelectMany(sequence => sequence.Examples).Where(example => example.Tokens.Count > 1)];
        Tokens = [.. Examples.SelectMany(example => example.Tokens.SkipLast(1))];
        Targets = [.. Examples.SelectMany(example => example.Labels.Skip(1))];
        Lengths = [.. Examples.Select(example => example.Tokens.Count - 1)];
        SupervisedTokens = Examples.Sum(example => example.SupervisedTokens);
    }

    /// <summary>The examples in the order of the rows.</summary>
    public IReadOnlyList<Example> Examples { get; }

    /// <summary>N token ids.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>N ids: the token that follows each row, or −100 where none is supervised.</summary>
    public IReadOnlyList<int> Targets { get; }

    /// <summary>How many rows each example has; their sum is N.</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>How many rows have a target.</summary>
    public int SupervisedTokens { get; }
}
