namespace Cria.Data;

/// <summary>Puts short examples together into sequences: each goes into the first sequence that has room (first fit), in the order of the file.</summary>
/// <remarks>Johnson 1973, "Near-optimal bin packing algorithms": at most 1.7 times as many sequences as the best packing needs.</remarks>
internal static class Packing
{
    /// <summary>For each example the sequence that it goes into.</summary>
    /// <param name="count">How many examples there are.</param>
    /// <param name="length">The tokens of each.</param>
    /// <param name="maxLength">The most tokens of a sequence.</param>
    /// <param name="sequences">How many sequences that makes.</param>
    public static int[] Pack(int count, Func<int, int> length, int maxLength, out int sequences)
    {
        var rooms = new Rooms(count, maxLength);
        int[] places = new int[count];
        sequences = 0;
        for (int i = 0; i < count; i++)
        {
            places[i] = rooms.Take(length(i));
            sequences = Math.Max(sequences, places[i] + 1);
        }
        return places;
    }

    /// <summary>The examples in the order of their sequences, within each in their own, and where each sequence begins.</summary>
    public static (int[] Examples, int[] Starts) Sort(int[] places, int sequences)
    {
        int[] starts = new int[sequences + 1], examples = new int[places.Length];
        foreach (int place in places)
            starts[place + 1]++;
        for (int i = 0; i < sequences; i++)
            starts[i + 1] += starts[i];
        int[] next = [.. starts];
        for (int i = 0; i < places.Length; i++)
            examples[next[places[i]]++] = i;
        return (examples, starts);
    }

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
