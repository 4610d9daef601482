namespace Cria.Cli.Display;

/// <summary>How many records have a length within bounds, both of which belong to it.</summary>
internal sealed record LengthBin(int From, int To, int Records)
{
    private const int Most = 12;

    /// <summary>Lengths in at most twelve ranges, each twice as wide as the one before; ranges without a record at either end are left out.</summary>
    public static IReadOnlyList<LengthBin> Of(IReadOnlyDictionary<int, int> lengths)
    {
        if (lengths.Count == 0)
            return [];
        int last = Class(lengths.Keys.Max()), first = Math.Max(Class(lengths.Keys.Min()), last - Most + 1);
        int[] records = new int[last - first + 1];
        foreach (var (length, count) in lengths)
            records[Math.Max(0, Class(length) - first)] += count;
        return [.. records.Select((count, i) => new LengthBin(i == 0 ? lengths.Keys.Min() : (1 << (first + i - 1)) + 1, 1 << (first + i), count))];
    }

    // 0, 1: class 0; 2: class 1; 3, 4: class 2; 5 to 8: class 3.
    private static int Class(int length) => length <= 1 ? 0 : 32 - int.LeadingZeroCount(length - 1);
}
