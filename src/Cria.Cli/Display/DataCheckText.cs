using System.Globalization;
using Cria.Data;

namespace Cria.Cli.Display;

/// <summary>What <c>cria data check</c> tells.</summary>
internal sealed class DataCheckText(DataCheckReport report)
{
    private const int Widest = 50;

    private string Unit => report.MaxLength is null ? "letters" : "tokens";

    public void Write(TextWriter to)
    {
        string format = report.Lengths.Count > 0 ? $" ({report.Format}, template {report.Template})" : "";
        to.WriteLine(Invariant($"{report.File}: {report.Records:N0} records{format}, {report.BadCount:N0} bad, {report.Duplicates:N0} repeated"));
        if (report.Lengths.Count > 0)
            WriteLengths(to);
        WriteBad(to);
        WriteFaults(to);
        if (report.Ended is not null)
            to.WriteLine(report.Ended);
    }

    private void WriteLengths(TextWriter to)
    {
        string supervised = report.MaxLength is null
            ? "name a --model or a --tokenizer to count tokens"
            : Invariant($"{report.SupervisedTokens:N0} supervised ({(double)report.SupervisedTokens / Math.Max(1, report.Tokens):P1}), max_length {report.MaxLength}");
        to.WriteLine(Invariant($"{report.Tokens:N0} {Unit}, {supervised}"));
        to.WriteLine(Invariant($"a record has {report.Quantile(0.5):N0} {Unit} (median), nine of ten up to {report.Quantile(0.9):N0}, the longest {report.Quantile(1):N0}"));
        var bins = LengthBin.Of(report.Lengths);
        int most = bins.Max(bin => bin.Records);
        int edges = bins.Max(bin => Edges(bin).Length), counts = Invariant($"{most:N0}").Length;
        foreach (var bin in bins)
        {
            string bar = new('█', (int)Math.Ceiling((double)Widest * bin.Records / most));
            to.WriteLine($"  {Edges(bin).PadLeft(edges)}  {Invariant($"{bin.Records:N0}").PadLeft(counts)}  {bar}".TrimEnd());
        }
    }

    private void WriteBad(TextWriter to)
    {
        if (report.Bad.Count > 0)
            to.WriteLine();
        var told = new HashSet<DataFault>();
        foreach (var bad in report.Bad)
            to.WriteLine(told.Add(bad.Fault) ? $"{bad}" : $"{bad}".Split('\n')[0]);   // what to do about a fault is said once
        if (report.BadCount > report.Bad.Count)
            to.WriteLine(Invariant($"… {report.BadCount - report.Bad.Count:N0} more are not listed (--list N)."));
    }

    private void WriteFaults(TextWriter to)
    {
        if (report.Faults.Count == 0)
            return;
        to.WriteLine();
        var columns = new Columns();
        foreach (var (fault, count) in report.Faults)
            columns.Add(Words(fault), Invariant($"{count,8:N0}  {Consequence(fault)}"));
        columns.Write(to);
    }

    private static string Edges(LengthBin bin) => bin.From == bin.To ? Invariant($"{bin.From:N0}") : Invariant($"{bin.From:N0} to {bin.To:N0}");

    private static string Words(DataFault fault) => fault switch
    {
        DataFault.Syntax => "not a record",
        DataFault.UnknownFormat => "unknown format",
        DataFault.MissingField => "a key is missing",
        DataFault.WrongKind => "a value of another kind",
        DataFault.UnknownRole => "unknown role",
        DataFault.Conversation => "unfit for the template",
        DataFault.EmptyAnswer => "empty answer",
        DataFault.NothingSupervised => "nothing supervised",
        _ => "too long",
    };

    private static string Consequence(DataFault fault) => fault switch
    {
        DataFault.EmptyAnswer => "training learns only where the answer ends",
        DataFault.NothingSupervised => "training leaves them out",
        DataFault.TooLong => "training cuts them at max_length",
        _ => "training stops at the first, or skips them with data.skip_bad",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
