namespace Cria.Data;

/// <summary>What stands in files of records, good and bad.</summary>
public sealed record DataCheckReport
{
    /// <summary>The files.</summary>
    public required string File { get; init; }

    /// <summary>Lengths are cut at so many tokens; null where there was no tokenizer, so that lengths are in letters.</summary>
    public required int? MaxLength { get; init; }

    /// <summary>The formats that were found.</summary>
    public string Format { get; internal set; } = "";

    /// <summary>The template that conversations were rendered with.</summary>
    public string Template { get; internal set; } = "none";

    /// <summary>How many records were found, good and bad.</summary>
    public int Records { get; internal set; }

    /// <summary>How many of them are bad, by the kind of fault.</summary>
    public IReadOnlyDictionary<DataFault, int> Faults => Counted;

    /// <summary>The first of the bad ones.</summary>
    public IReadOnlyList<BadRecord> Bad => Listed;

    /// <summary>Why the reading ended before the end of a file; null where it did not.</summary>
    public string? Ended { get; internal set; }

    /// <summary>How many records say the same as one before.</summary>
    public int Duplicates { get; internal set; }

    /// <summary>Tokens, or letters, of all records that can be read.</summary>
    public long Tokens { get; internal set; }

    /// <summary>Those of the tokens that a loss is taken of; 0 where there was no tokenizer.</summary>
    public long SupervisedTokens { get; internal set; }

    /// <summary>How many records have each length.</summary>
    public IReadOnlyDictionary<int, int> Lengths => Measured;

    /// <summary>How many records are bad.</summary>
    public int BadCount => Counted.Values.Sum();

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsGood => BadCount == 0 && Ended is null;

    internal SortedDictionary<DataFault, int> Counted { get; } = [];

    internal List<BadRecord> Listed { get; } = [];

    internal SortedDictionary<int, int> Measured { get; } = [];

    /// <summary>The length that a share of the records do not exceed: 0.5 gives the median, 1 the longest.</summary>
    public int Quantile(double share)
    {
        long wanted = (long)Math.Ceiling(share * Measured.Values.Sum(count => (long)count));
        foreach (var (length, count) in Measured)
        {
            wanted -= count;
            if (wanted <= 0)
                return length;
        }
        return 0;
    }
}
