using System.Globalization;
using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>What to learn from: the keys under <c>data:</c> of a recipe.</summary>
public sealed record DataOptions
{
    private const int UsualMaxLength = 2048;

    /// <summary>The file of training records, or several.</summary>
    public DataFiles Train { get; set; } = "";

    /// <summary>A file of records to measure with, or a share of the training examples such as <c>0.05</c>; null for none.</summary>
    public string? Validation { get; set; }

    /// <summary>The format of the records; <c>auto</c> takes it from the keys of the first.</summary>
    public string Format { get; set; } = "auto";

    /// <summary>
    /// What the files call the fields of the format, where it is not by their own name: <c>prompt → question</c>. A field that is
    /// named here is read from there only.
    /// </summary>
    public IReadOnlyDictionary<string, string> Columns { get; set; } = new Dictionary<string, string>();

    /// <summary>How conversations are rendered; <c>auto</c>: as the model's own template does, and like Alpaca for Alpaca records of a base model.</summary>
    public string Template { get; set; } = "auto";

    /// <summary>
    /// The most tokens of one sequence; null: 2048, or the model's context where that is shorter. Longer examples are cut on the right,
    /// longer texts are divided.
    /// </summary>
    public int? MaxLength { get; set; }

    /// <summary>Whether several short examples share a sequence. None of them sees another.</summary>
    public bool Packing { get; set; } = true;

    /// <summary>Whether each epoch goes through the sequences in another order.</summary>
    public bool Shuffle { get; set; } = true;

    /// <summary>Whether questions are learned too, not only answers.</summary>
    public bool TrainOnPrompt { get; set; }

    /// <summary>Whether bad records are left out and counted; otherwise the first of them ends the reading.</summary>
    public bool SkipBad { get; set; }

    /// <summary>The share in <see cref="Validation"/>, or null where it names a file.</summary>
    internal double? ValidationShare =>
        double.TryParse(Validation, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) ? share : null;

    /// <summary>The most tokens of one sequence, for a model that takes so many.</summary>
    public int MaxLengthFor(int contextLength) => MaxLength ?? Math.Min(UsualMaxLength, contextLength);

    /// <summary>Adds every reason why these settings cannot work.</summary>
    /// <param name="problems">Where to add them.</param>
    /// <param name="contextLength">The most tokens that the model takes, or null where it is not known yet.</param>
    public void Validate(Problems problems, int? contextLength = null)
    {
        ArgumentNullException.ThrowIfNull(problems);
        problems.Unless(Train.Paths.Count > 0 && Train.Paths.All(path => path.Length > 0), "train: name a file of training records, or a list of files.");
        problems.Unless(ValidationShare is null or (> 0 and < 1), $"validation: a share must lie between 0 and 1, got {Validation}.");
        problems.UnlessOneOf("format", Format, ["auto", .. RecordFormat.All.Select(format => format.Name)]);
        ValidateColumns(problems);
        problems.UnlessOneOf("template", Template, ["auto", ChatTemplate.Own, .. ChatTemplate.All.Select(template => template.Name)]);
        problems.Unless(MaxLength is null or >= 2, $"max_length: must be 2 or more, got {MaxLength}.");
        problems.Unless(contextLength is null || MaxLength is null || MaxLength <= contextLength,
            $"max_length: {MaxLength} is longer than the model's context of {contextLength} tokens.");
    }

    private void ValidateColumns(Problems problems)
    {
        var formats = RecordFormat.Parse(Format) is { } one ? [one] : RecordFormat.All;
        string[] known = [.. formats.SelectMany(format => format.Fields).Append(RecordImage.Field).Distinct()];
        foreach (string field in Columns.Keys)
            problems.UnlessOneOf("columns", field, known);
        if (problems.None && Columns.Count > 0 && RecordFormat.All.All(format => !format.HasFields(Columns.Keys)))
            problems.Add($"columns: {string.Join(", ", Columns.Keys)} are not fields of one format.");
    }
}
