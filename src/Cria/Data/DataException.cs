using System.Text;

namespace Cria.Data;

/// <summary>Training data that cannot be used. The message names the file, the line where there is one, and the reason.</summary>
public sealed class DataException : Exception
{
    private DataException(string message)
        : base(message)
    {
    }

    private DataException(BadRecord record)
        : base(record.ToString()) => Record = record;

    /// <summary>The record, where one alone is to blame.</summary>
    public BadRecord? Record { get; }

    internal static DataException BadRecord(RecordOrigin origin, DataFault fault, string reason) => new(new BadRecord(origin, fault, reason));

    internal static DataException NotJson(RecordOrigin origin, long place) =>
        BadRecord(origin, DataFault.Syntax, $"not valid JSON, at byte {place} of this line.");

    internal static DataException Absent(string file) => new($"{file}: there is no such file.");

    internal static DataException Folder(string path) => new($"{path}: is a folder. Name the files in it.");

    internal static DataException Unreadable(string file, string reason) => new($"{file}: {reason}");

    internal static DataException Extension(string file) => new(
        $"""
        {file}: this kind of file is not read.
          expected .jsonl (one record a line), .json (an array of records), .csv, .tsv or .txt (plain text), each also compressed
                   as .gz or .zst, or .parquet
          found    {(Path.GetExtension(file) is { Length: > 0 } extension ? extension : "no extension")}
        """);

    internal static DataException TooLarge(string file, string what, long limit) =>
        new($"{file}: {what} is longer than {limit >> 20} MiB.");

    internal static DataException Empty(string file) => new($"{file}: there is no record in it.");

    internal static DataException UnknownFormat(DataRecord record, IEnumerable<RecordFormat> formats)
    {
        var reason = new StringBuilder("the format of this record is not known.");
        foreach (var format in formats)
            reason.Append($"\n  expected {format.Keys} ({format.Name})");
        reason.Append($"\n  found    {string.Join(", ", record.Keys.DefaultIfEmpty("no keys"))}");
        reason.Append("\n  fix      where other names mean the same, say so, as in columns: {prompt: question, completion: answer}");
        return BadRecord(record.Origin, DataFault.UnknownFormat, reason.ToString());
    }

    internal static DataException NoTokenizer(string file, string format) => new(
        $"""
        {file}: records of the format '{format}' are text, and this model has no tokenizer.
          fix      put tokenizer.model into the model's folder, or use records of the format 'tokens'
        """);

    internal static DataException AllBad(BadRecord first) => new(
        $"""
        {first.Origin.File}: no record of it can be read.
          first    {first}
        """);

    internal static DataException NothingSupervised(string file, int records, bool cut) => new(
        $"""
        {file}: no token of the {records} records is supervised, so there is nothing to learn.
          fix      {(cut
              ? "raise max_length: the answers begin behind it"
              : "check the answers (or the labels: -100 means not supervised), or set train_on_prompt")}
        """);

    internal static DataException CannotSpill(string what, string folder, string reason) => new(
        $"""
        {folder}: {what} cannot be kept here: {reason}
          fix      make room, or name a folder that has some as TMPDIR (on Windows TEMP)
        """);

    internal static DataException TooFewToSplit(string file, int examples) => new(
        $"{file}: {examples} examples cannot be split into training and validation: name a file for validation, or leave it out.");

    internal static DataException NothingSupervisedInBatch(IEnumerable<RecordOrigin> records) => new(
        $"""
        No token of this batch is supervised, so its loss is not defined.
          records  {string.Join("; ", records.Distinct())}
        """);
}
