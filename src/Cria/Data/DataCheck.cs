using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Cria.Tokenizers;

namespace Cria.Data;

/// <summary>Reads files of records to their end, as training would, and tells of every bad record instead of stopping at the first.</summary>
public sealed class DataCheck
{
    private readonly DataCheckReport report;
    private readonly HashSet<ulong> seen = [];
    private readonly int mostListed;

    private DataCheck(DataCheckReport report, int mostListed) => (this.report, this.mostListed) = (report, mostListed);

    /// <summary>Checks the training files of some options.</summary>
    /// <param name="options">The files and how to read them.</param>
    /// <param name="template">The model's own template; <see cref="ChatTemplate.None"/> for a base model.</param>
    /// <param name="tokenizer">The model's tokenizer. Without one nothing is rendered, and lengths are in letters.</param>
    /// <param name="vocabularySize">How many token ids the model knows.</param>
    /// <param name="contextLength">The most tokens that the model takes.</param>
    /// <param name="mostListed">How many bad records are kept one by one; all are counted.</param>
    /// <param name="stop">Ends the reading early.</param>
    /// <exception cref="DataException">A file is absent, or of an unknown kind.</exception>
    public static DataCheckReport Run(
        DataOptions options, ChatTemplate template, Tokenizer? tokenizer, int vocabularySize, int contextLength, int mostListed, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var reader = new RecordReader(options, template, tokenizer, vocabularySize);
        var report = new DataCheckReport { File = options.Train.ToString(), MaxLength = tokenizer is null ? null : options.MaxLengthFor(contextLength) };
        var check = new DataCheck(report, mostListed);
        foreach (string path in options.Train.Paths)
            check.Read(reader, path, stop);
        (report.Format, report.Template) = (reader.Format, reader.Template);
        return report;
    }

    private void Read(RecordReader reader, string path, CancellationToken stop)
    {
        int before = report.Records;
        try
        {
            foreach (var record in reader.Read(path, bad => Add(bad.Record!), stop))
                Add(record);
        }
        catch (DataException end) when (end.Record is { } bad)
        {
            Add(bad);
            report.Ended = $"{bad.Origin.File}: nothing behind line {bad.Origin.Line} could be read.";
        }
        catch (DataException end) when (report.Records > before)
        {
            report.Ended = end.Message;
        }
        if (report.Records == before)
            throw DataException.Empty(path);
    }

    private void Add(BadRecord bad)
    {
        report.Records++;
        Count(bad);
    }

    private void Add(ReadRecord record)
    {
        report.Records++;
        int length = record.Example?.Tokens.Count ?? record.Content.Texts.Sum(text => text.Length);
        report.Tokens += length;
        report.SupervisedTokens += record.Example?.SupervisedTokens ?? 0;
        report.Measured[length] = report.Measured.GetValueOrDefault(length) + 1;
        if (!seen.Add(Hash(record)))
            report.Duplicates++;
        if ((record.Content.Fault ?? NothingSupervised(record) ?? TooLong(record)) is var (fault, reason))
            Count(new BadRecord(record.Origin, fault, reason));
    }

    private void Count(BadRecord bad)
    {
        report.Counted[bad.Fault] = report.Counted.GetValueOrDefault(bad.Fault) + 1;
        if (report.Listed.Count < mostListed)
            report.Listed.Add(bad);
    }

    private static (DataFault, string)? NothingSupervised(ReadRecord record) => (record.Example?.SupervisedTokens > 0) || (record.Example is null && record.Content.Teaches)
        ? null
        : (DataFault.NothingSupervised, "no token is supervised: it is left out.");

    private (DataFault, string)? TooLong(ReadRecord record)
    {
        if (report.MaxLength is not { } most || record.Format.Divides || record.Example is not { } example || example.Tokens.Count <= most)
            return null;
        int left = example.Part(0, most).SupervisedTokens;
        string what = left > 0 ? $"{left} of its {example.SupervisedTokens} supervised tokens are left" : "no supervised token is left";
        return (DataFault.TooLong, $"it has {example.Tokens.Count} tokens, and max_length is {most}: cut there, {what}.");
    }

    // Among a hundred million different records, two have the same 64 bits with a chance of one in four thousand.
    private static ulong Hash(ReadRecord record)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string text in record.Content.Texts)
        {
            hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
            hash.AppendData([0, 0]);
        }
        hash.AppendData(MemoryMarshal.AsBytes($"{record.Image}".AsSpan()));
        if (record.Content is TokensContent tokens)
            hash.AppendData(MemoryMarshal.AsBytes(tokens.Tokens.AsSpan()));
        return BitConverter.ToUInt64(hash.GetHashAndReset());
    }
}
