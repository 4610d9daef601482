using System.Globalization;
using Cria.Cli.Comparing;

namespace Cria.Cli.Display;

/// <summary>The results of a comparison, a line for each method.</summary>
internal sealed class ComparisonTable(Exam exam)
{
    private static readonly (string Title, int Width)[] Columns =
        [("method", -21), ("rate", 8), ("trained", 9), ("share", 8), ("file", 8), ("memory", 8), ("tok/s", 7), ("loss", 7), ("valid.", 7), ("before", 8), ("after", 8)];

    public void Write(IEnumerable<ComparedMethod> results, TextWriter to)
    {
        to.WriteLine(Line(Columns.Select(column => column.Title)));
        foreach (var result in results)
            to.WriteLine(result.Failure is { } reason ? $"{result.Name,-21}  failed: {reason.ReplaceLineEndings(" ")}" : Line(Cells(result)));
        to.WriteLine($"before, after: {exam.Meaning}");
    }

    private IEnumerable<string> Cells(ComparedMethod result) =>
    [
        result.Name, result.LearningRate.ToString("0.###e+0", CultureInfo.InvariantCulture).Replace("e+0", "", StringComparison.Ordinal).Replace("e-0", "e-", StringComparison.Ordinal),
        result.TrainedParameters.ToString("N0", CultureInfo.InvariantCulture), $"{(100 * result.Share).ToString("F2", CultureInfo.InvariantCulture)} %",
        Bytes.Text(result.FileBytes), Bytes.Text(result.MemoryBytes), result.TokensPerSecond.ToString("F0", CultureInfo.InvariantCulture),
        Number(result.Loss), Number(result.ValidationLoss), Score(result.Before), Score(result.After),
    ];

    private string Score(double? score) => score is not { } found ? "" : exam.IsShare ? $"{100 * found:F0} %" : found.ToString("F2", CultureInfo.InvariantCulture);

    private static string Number(double? number) => number?.ToString("F3", CultureInfo.InvariantCulture) ?? "";

    private static string Line(IEnumerable<string> cells) => string.Concat(cells.Zip(Columns, (cell, column) =>
        column.Width < 0 ? cell.PadRight(-column.Width) : " " + cell.PadLeft(column.Width - 1))).TrimEnd();
}
