namespace Cria.Data;

/// <summary>What one optimizer step learns from, in parts that fit the memory.</summary>
public sealed class Batch
{
    /// <summary>Sequences, divided into parts of so many.</summary>
    public Batch(IReadOnlyList<Sequence> sequences, int microBatchSize) =>
        Parts = [.. sequences.Chunk(microBatchSize).Select(part => new MicroBatch(part))];

    /// <summary>The parts. Their gradients are added up.</summary>
    public IReadOnlyList<MicroBatch> Parts { get; }

    /// <summary>Rows of all parts.</summary>
    public int Tokens => Parts.Sum(part => part.Tokens.Count);

    /// <summary>Supervised tokens of all parts: what the loss is divided by, so that each weighs the same whatever part it is in.</summary>
    public int SupervisedTokens => Parts.Sum(part => part.SupervisedTokens);

    /// <summary>Whether any of its examples shows an image.</summary>
    public bool ShowsImages => Parts.Any(part => part.Examples.Any(example => example.Image is not null));

    /// <summary>Where the examples were read.</summary>
    public IEnumerable<RecordOrigin> Records => Parts.SelectMany(part => part.Examples).Select(example => example.Origin);
}
