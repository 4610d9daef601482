using Cria.Tensors;

namespace Cria.Data;

/// <summary>Goes through the sequences epoch by epoch, a batch at a time. The order of an epoch depends on nothing but the seed and its number.</summary>
public sealed class BatchReader
{
    private readonly IReadOnlyList<Sequence> sequences;
    private readonly int batchSize;
    private readonly int microBatchSize;
    private readonly int? seed;
    private readonly Func<int, bool> kind;
    private (int Epoch, int[][] Batches)? drawn;

    /// <summary>A reader at the beginning.</summary>
    /// <param name="sequences">What to go through: at least one.</param>
    /// <param name="batchSize">Sequences of one batch. The last batch of an epoch may have fewer.</param>
    /// <param name="microBatchSize">Sequences of one part of a batch.</param>
    /// <param name="seed">Shuffles every epoch; null keeps the order.</param>
    /// <param name="kind">Of which of two kinds a sequence is: no batch has both. Null where all are of one.</param>
    public BatchReader(IReadOnlyList<Sequence> sequences, int batchSize, int microBatchSize, int? seed, Func<int, bool>? kind = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentOutOfRangeException.ThrowIfZero(sequences.Count, nameof(sequences));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(microBatchSize);
        (this.sequences, this.batchSize, this.microBatchSize, this.seed) = (sequences, batchSize, microBatchSize, seed);
        this.kind = kind ?? (_ => false);
        BatchesPerEpoch = Enumerable.Range(0, sequences.Count).CountBy(this.kind).Sum(one => (one.Value + batchSize - 1) / batchSize);
    }

    /// <summary>Batches of one epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>Where the next batch begins.</summary>
    public DataPosition Position { get; set; }

    /// <summary>The next batch.</summary>
    /// <exception cref="DataException">No token of it is supervised.</exception>
    public Batch Next()
    {
        var batch = new Batch([.. Batches(Position.Epoch)[Position.Batch].Select(i => sequences[i])], microBatchSize);
        Position = Position.Batch + 1 < BatchesPerEpoch ? Position with { Batch = Position.Batch + 1 } : new DataPosition(Position.Epoch + 1, 0);
        return batch.SupervisedTokens > 0 ? batch : throw DataException.NothingSupervisedInBatch(batch.Records);
    }

    private int[][] Batches(int epoch)
    {
        if (drawn is not { } known || known.Epoch != epoch)
            drawn = known = (epoch, Divide(seed is { } number
                ? Permutation.Of(sequences.Count, RandomSource.Mix((ulong)number, (ulong)epoch))
                : [.. Enumerable.Range(0, sequences.Count)]));
        return known.Batches;
    }

    // Batches of two kinds come in the order in which the first sequence of each would have come.
    private int[][] Divide(int[] order) =>
    [
        .. order.Select((sequence, place) => (sequence, place)).GroupBy(one => kind(one.sequence)).SelectMany(group => group.Chunk(batchSize))
            .OrderBy(batch => batch[0].place).Select(batch => batch.Select(one => one.sequence).ToArray()),
    ];
}
