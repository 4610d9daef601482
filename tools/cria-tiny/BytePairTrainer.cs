using System.Text;

namespace CriaTiny.Tools;

/// <summary>Byte-pair encoding: start from 256 bytes; as long as there is room, the most frequent neighbouring pair becomes a new piece.</summary>
/// <remarks>
/// Sennrich et al. 2016, <see href="https://arxiv.org/abs/1508.07909"/>, algorithm 1, over bytes.
/// Ties go to the pair of lower ranks, so that there is one result.
/// </remarks>
internal sealed class BytePairTrainer
{
    private readonly List<int[]> words = [];
    private readonly List<long> weights = [];
    private readonly Dictionary<(int, int), long> counts = [];
    private readonly Dictionary<(int, int), HashSet<int>> places = [];
    private readonly PriorityQueue<(int, int), (long, int, int)> queue = new();
    private readonly List<string> pieces = [.. Enumerable.Range(0, 256).Select(b => ((char)b).ToString())];

    /// <summary>Pieces by rank, a char a byte (Latin-1).</summary>
    public static List<string> Train(IReadOnlyDictionary<string, long> wordCounts, int size)
    {
        var trainer = new BytePairTrainer();
        foreach (var (word, count) in wordCounts.OrderBy(w => w.Key, StringComparer.Ordinal))
            trainer.AddWord(word, count);
        foreach (var pair in trainer.counts.Keys)
            trainer.Enqueue(pair);

        var known = trainer.pieces.Select((piece, rank) => (piece, rank)).ToDictionary(p => p.piece, p => p.rank);
        while (trainer.pieces.Count < size)
        {
            var pair = trainer.MostFrequent();
            string piece = trainer.pieces[pair.Item1] + trainer.pieces[pair.Item2];

            // The same bytes may be reached by two ways; a rank file holds them once.
            if (known.TryAdd(piece, trainer.pieces.Count))
                trainer.pieces.Add(piece);
            trainer.Merge(pair, known[piece]);
        }

        return trainer.pieces;
    }

    private void AddWord(string word, long weight)
    {
        int[] symbols = [.. Encoding.UTF8.GetBytes(word)];
        words.Add(symbols);
        weights.Add(weight);
        CountPairs(words.Count - 1, +1);
    }

    private void CountPairs(int word, int sign)
    {
        int[] symbols = words[word];
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            var pair = (symbols[i], symbols[i + 1]);
            counts[pair] = counts.GetValueOrDefault(pair) + sign * weights[word];
            if (sign < 0)
                continue;
            if (!places.TryGetValue(pair, out var set))
                places[pair] = set = [];
            set.Add(word);
        }
    }

    private void Enqueue((int A, int B) pair) => queue.Enqueue(pair, (-counts[pair], pair.A, pair.B));

    // The queue keeps old counts; an entry whose count has changed since is stale and skipped.
    private (int, int) MostFrequent()
    {
        while (queue.TryDequeue(out var pair, out var priority))
            if (counts[pair] == -priority.Item1)
                return pair;
        throw new InvalidDataException("The corpus is too small for this vocabulary: no pair is left to merge.");
    }

    private void Merge((int A, int B) pair, int merged)
    {
        var changed = new HashSet<(int, int)>();
        foreach (int word in places[pair].Order())
        {
            CountPairs(word, -1);
            foreach (var old in Pairs(words[word]))
                changed.Add(old);
            words[word] = Replace(words[word], pair, merged);
            CountPairs(word, +1);
            foreach (var now in Pairs(words[word]))
                changed.Add(now);
        }

        places.Remove(pair);
        foreach (var other in changed)
            if (counts[other] > 0)
                Enqueue(other);
    }

    private static IEnumerable<(int, int)> Pairs(int[] symbols) => symbols.Zip(symbols.Skip(1));

    private static int[] Replace(int[] symbols, (int A, int B) pair, int merged)
    {
        var result = new List<int>(symbols.Length);
        for (int i = 0; i < symbols.Length; i++)
        {
            bool here = i + 1 < symbols.Length && symbols[i] == pair.A && symbols[i + 1] == pair.B;
            result.Add(here ? merged : symbols[i]);
            i += here ? 1 : 0;
        }

        return [.. result];
    }
}
