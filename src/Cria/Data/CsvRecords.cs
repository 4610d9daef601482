using System.Text;
using System.Text.Unicode;

namespace Cria.Data;

/// <summary>Rows of a .csv or .tsv file, whose first row names the columns. Every value is a text.</summary>
internal static class CsvRecords
{
    public static IEnumerable<DataRecord> Read(Stream stream, string path, string extension, Action<DataException> bad)
    {
        var buffer = new RecordBuffer(stream, path, RecordFile.LongestRecord);
        var rows = new CsvRows(buffer, extension == ".tsv" ? '\t' : Separator(buffer));
        using var writer = new RowWriter();
        string[] columns = rows.Next() ? Header(rows, path) : [];
        while (rows.Next())
        {
            var origin = new RecordOrigin(path, rows.Line);
            if (Fault(rows, columns) is { } fault)
            {
                bad(DataException.BadRecord(origin, DataFault.Syntax, fault));
                continue;
            }
            using var document = writer.Write(json =>
            {
                for (int i = 0; i < columns.Length; i++)
                    json.WriteString(columns[i], rows[i]);
            });
            yield return new DataRecord(document.RootElement, origin);
        }
    }

    // Spreadsheets write semicolons where the comma divides decimals.
    private static char Separator(RecordBuffer buffer)
    {
        for (int place = 0; buffer[place] is >= 0 and not '\n'; place++)
        {
            if (buffer[place] is ',' or ';' or '\t')
                return (char)buffer[place];
        }
        return ',';
    }

    private static string[] Header(CsvRows rows, string path)
    {
        var columns = new List<string>();
        for (int i = 0; i < Math.Min(rows.Count, CsvRows.MostFields); i++)
            columns.Add(Encoding.UTF8.GetString(rows[i]));
        string? wrong = rows.Wrong
            ?? (rows.Count > CsvRows.MostFields ? $"it has {rows.Count} columns, and {CsvRows.MostFields} are the most." : null)
            ?? (columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"two columns are called '{twice.Key}'." : null);
        return wrong is null ? [.. columns] : throw DataException.Unreadable(path, $"the first row must name the columns: {wrong}");
    }

    private static string? Fault(CsvRows rows, string[] columns)
    {
        if (rows.Wrong is not null)
            return rows.Wrong;
        if (rows.Count != columns.Length)
            return $"this row has {rows.Count} fields, and the first row names {columns.Length} columns.";
        for (int i = 0; i < columns.Length; i++)
        {
            if (!Utf8.IsValid(rows[i]))
                return $"'{columns[i]}' holds bytes that are no text: save the file as UTF-8.";
        }
        return null;
    }
}
