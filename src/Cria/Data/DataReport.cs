using System.Globalization;
using System.Text;

namespace Cria.Data;

/// <summary>What was found in a file of records, and what was done to it.</summary>
public sealed record DataReport
{
    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>The format of its records; of several files, every one that was found.</summary>
    public string Format { get; internal set; } = "";

    /// <summary>The template that conversations were rendered with, by name, whatever the settings called it; none where nothing was a conversation.</summary>
    public string Template { get; internal set; } = "none";

    /// <summary>The most tokens of one sequence.</summary>
    public required int MaxLength { get; init; }

    /// <summary>How many records were read, without those that were skipped.</summary>
    public int Records { get; internal set; }

    /// <summary>How many examples they gave; a long text gives several.</summary>
    public int Examples { get; internal set; }

    /// <summary>Tokens of all examples.</summary>
    public long Tokens { get; internal set; }

    /// <summary>Those of them that a loss is taken of.</summary>
    public long SupervisedTokens { get; internal set; }

    /// <summary>Tokens of the longest record, before it was cut or divided.</summary>
    public int Longest { get; internal set; }

    /// <summary>Records that were longer than <see cref="MaxLength"/> and lost their end.</summary>
    public int Cut { get; internal set; }

    /// <summary>Texts that were longer than <see cref="MaxLength"/> and were divided; nothing was lost.</summary>
    public int Divided { get; internal set; }

    /// <summary>Records that were left out, since no token of them is supervised (any more, if they were cut).</summary>
    public int LeftOut { get; internal set; }

    /// <summary>Bad records that were left out, where the settings allow it.</summary>
    public int Skipped { get; internal set; }

    /// <summary>What a user should know about losses; null where there were none.</summary>
    public string? Warning
    {
        get
        {
            var warning = new StringBuilder();
            if (Cut > 0)
                warning.Append(CultureInfo.InvariantCulture, $"{File}: {Cut} of {Records} records are longer than max_length {MaxLength} ")
                    .Append(CultureInfo.InvariantCulture, $"and were cut on the right; the longest has {Longest} tokens. ");
            if (LeftOut > 0)
                warning.Append(CultureInfo.InvariantCulture, $"{File}: {LeftOut} of {Records} records were left out: no token of theirs is supervised. ");
            if (Skipped > 0)
                warning.Append(CultureInfo.InvariantCulture, $"{File}: {Skipped} bad records were skipped. ");
            return warning.Length > 0 ? warning.ToString().TrimEnd() : null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{File}: {Records:N0} records ({Format}, template {Template}), {Examples:N0} examples, "
        + $"{Tokens:N0} tokens, {SupervisedTokens:N0} supervised, longest {Longest:N0}");

    internal void Count(Example example)
    {
        Examples++;
        Tokens += example.Tokens.Count;
        SupervisedTokens += example.SupervisedTokens;
    }
}
