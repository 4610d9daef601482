namespace Cria.Data;

/// <summary>Puts short examples together into sequences: each goes into the first sequence that has room (first fit), in the order of the file.</summary>
/// <remarks>Johnson 1973, "Near-optimal bin packing algorithms": at most 1.7 times as many sequences as the best packing needs.</remarks>
internal static class Packing
{
    public static IReadOnlyList<Sequence> Pack(IReadOnlyList<Example> examples, int maxLength)
    {
        var rooms = new Rooms(examples.Count, maxLength);
        var sequences = new List<List<Example>>();
        foreach (var example in examples)
        {
            int place = rooms.Take(example.Tokens.Count);
            if (place == sequences.Count)
                sequences.Add([]);
            sequences[place].Add(example);
        }
        return [.. sequences.Select(parts => new Sequence(parts))];
    }

    public static IReadOnlyList<Sequence> Apart(IReadOnlyList<Example> examples) => [.. examples.Select(example => new Sequence([example]))];

    /// <summary>The room left in each sequence, as a tree of maxima: the first that is large enough is found in logarithmic time.</summary>
    private sealed class Rooms
    {
        private readonly int[] most;
        private readonly int leaves = 1;

        public Rooms(int count, int room)
        {
            while (leaves < count)
                leaves *= 2;
            most = new int[2 * leaves];
            Array.Fill(most, room);
        }

        public int Take(int length)
        {
            int node = 1;
            while (node < leaves)
                node = 2 * node + (most[2 * node] >= length ? 0 : 1);
            int place = node - leaves;
            most[node] -= length;
            while ((node /= 2) > 0)
                most[node] = Math.Max(most[2 * node], most[2 * node + 1]);
            return place;
        }
    }
}
