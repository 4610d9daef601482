using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class MergerTests
{
    [Fact]
    public void The_search_the_queue_and_the_definition_agree_on_random_merges()
    {
        var random = new Random(7);
        for (int round = 0; round < 500; round++)
        {
            var table = new MergeTable(4);
            for (int i = 0; i < 30; i++)
                table.Add(random.Next(12), random.Next(12), token: random.Next(12), rank: random.Next(8));
            int[] symbols = [.. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(6))];

            var expected = ByDefinition(table, symbols);

            Assert.Equal(expected, Merged(table, symbols, m => m.MergeBySearch()));
            Assert.Equal(expected, Merged(table, symbols, m => m.MergeByQueue()));
        }
    }

    [Fact]
    public void A_merger_can_be_used_again()
    {
        var table = new MergeTable(1);
        table.Add(1, 1, token: 2, rank: 0);
        var merger = new Merger(table);

        foreach (int length in (int[])[3, 500, 0, 200, 4])
        {
            merger.Clear();
            for (int i = 0; i < length; i++)
                merger.Add(1);
            merger.Merge();

            Assert.Equal([.. Enumerable.Repeat(2, length / 2), .. Enumerable.Repeat(1, length % 2)], merger.Symbols.ToArray());
        }
    }

    [Fact]
    public void A_table_keeps_every_merge_while_it_grows()
    {
        var table = new MergeTable(0);
        for (int i = 0; i < 10_000; i++)
            table.Add(~i, i * 7, token: i, rank: i + 1);

        for (int i = 0; i < 10_000; i++)
        {
            Assert.Equal(i + 1, table.Find(~i, i * 7, out int token));
            Assert.Equal(i, token);
        }
        Assert.Equal(int.MaxValue, table.Find(3, 3, out _));
    }

    private static int[] Merged(MergeTable table, int[] symbols, Action<Merger> merge)
    {
        var merger = new Merger(table);
        foreach (int symbol in symbols)
            merger.Add(symbol);
        merge(merger);
        return merger.Symbols.ToArray();
    }

    private static List<int> ByDefinition(MergeTable table, int[] symbols)
    {
        var left = symbols.ToList();
        while (true)
        {
            var best = (Rank: int.MaxValue, At: -1, Token: 0);
            for (int i = 0; i + 1 < left.Count; i++)
                if (table.Find(left[i], left[i + 1], out int token) is var rank && rank < best.Rank)
                    best = (rank, i, token);
            if (best.At < 0)
                return left;
            left[best.At] = best.Token;
            left.RemoveAt(best.At + 1);
        }
    }
}
