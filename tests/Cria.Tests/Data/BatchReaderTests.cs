using Cria.Data;

namespace Cria.Tests.Data;

public class BatchReaderTests
{
    [Fact]
    public void An_epoch_holds_every_sequence_once_and_its_last_batch_may_be_small()
    {
        var reader = new BatchReader(Sequences(7), batchSize: 3, microBatchSize: 2, seed: 1);

        var batches = Enumerable.Range(0, 3).Select(_ => reader.Next()).ToList();

        Assert.Equal(3, reader.BatchesPerEpoch);
        Assert.Equal([3, 3, 1], batches.Select(batch => batch.Records.Count()));
        Assert.Equal([2, 2, 1], batches.Select(batch => batch.Parts.Count));
        Assert.Equal(Enumerable.Range(0, 7), batches.SelectMany(Lines).Order());
        Assert.Equal(new DataPosition(1, 0), reader.Position);
    }

    [Fact]
    public void Each_epoch_has_another_order_and_the_same_seed_the_same_ones()
    {
        var (first, again) = (new BatchReader(Sequences(20), 20, 20, seed: 1), new BatchReader(Sequences(20), 20, 20, seed: 1));

        var orders = Enumerable.Range(0, 3).Select(_ => string.Join(' ', Lines(first.Next()))).ToList();

        Assert.Equal(3, orders.Distinct().Count());
        Assert.Equal(orders, Enumerable.Range(0, 3).Select(_ => string.Join(' ', Lines(again.Next()))));
    }

    [Fact]
    public void The_position_is_the_whole_state()
    {
        var (first, second) = (new BatchReader(Sequences(7), 3, 1, seed: 5), new BatchReader(Sequences(7), 3, 1, seed: 5));
        for (int i = 0; i < 4; i++)
            first.Next();

        second.Position = first.Position;

        for (int i = 0; i < 5; i++)
            Assert.Equal(Lines(first.Next()), Lines(second.Next()));
    }

    [Fact]
    public void Without_a_seed_the_order_is_that_of_the_file()
    {
        var reader = new BatchReader(Sequences(5), 5, 5, seed: null);

        Assert.Equal([0, 1, 2, 3, 4], Lines(reader.Next()));
        Assert.Equal([0, 1, 2, 3, 4], Lines(reader.Next()));
    }

    [Fact]
    public void A_row_is_a_token_and_the_target_that_follows_it()
    {
        var a = new Example([1, 2, 3], [-100, 2, 3], new RecordOrigin("a", 1));
        var b = new Example([4, 5], [-100, -100], new RecordOrigin("a", 2));

        var part = new MicroBatch([new Sequence([a, b]), new Sequence([a])]);

        Assert.Equal([1, 2, 4, 1, 2], part.Tokens);
        Assert.Equal([2, 3, -100, 2, 3], part.Targets);
        Assert.Equal([2, 1, 2], part.Lengths);
        Assert.Equal(4, part.SupervisedTokens);
    }

    [Fact]
    public void A_batch_without_a_supervised_token_names_its_records()
    {
        Sequence[] sequences = [.. Enumerable.Range(3, 2).Select(line => new Sequence([new Example([1, 2], [1, -100], new RecordOrigin("a.jsonl", line))]))];

        var thrown = Assert.Throws<DataException>(() => new BatchReader(sequences, 2, 1, seed: null).Next());

        Assert.Equal("""
            No token of this batch is supervised, so its loss is not defined.
              records  a.jsonl, line 3; a.jsonl, line 4
            """, thrown.Message);
    }

    private static Sequence[] Sequences(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new Sequence([new Example([i, i], [i, i], new RecordOrigin("a", i))]))];

    private static IEnumerable<int> Lines(Batch batch) => batch.Records.Select(record => record.Line);
}
