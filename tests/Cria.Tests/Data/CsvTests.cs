using Cria.Data;

namespace Cria.Tests.Data;

public class CsvTests
{
    [Theory]
    [InlineData("a.csv", "q,a\n1,2\n3,4", "1|2@2 3|4@3")]
    [InlineData("a.csv", "\uFEFFq,a\r\n\"1,5\",\"say \"\"hi\"\"\"\r\n", "1,5|say \"hi\"@2")]
    [InlineData("a.csv", "q,a\n\"two\nlines\",x\n\n,\n", "two\nlines|x@2 |@5")]
    [InlineData("a.csv", "q;a\n1,5;2\n", "1,5|2@2")]
    [InlineData("a.tsv", "q\ta\n1;\"x\ty\"\t2\n", null)]
    [InlineData("a.tsv", "q\ta\n1,2\t\"x\ty\"\n", "1,2|x\ty@2")]
    [InlineData("a.csv", "q,a\na \"b\" c,\"\"\n", "a \"b\" c|@2")]
    [InlineData("a.csv", "q,a\n", "")]
    [InlineData("a.csv", "", "")]
    public void A_table_in_text_is_read_as_rfc_4180_says(string name, string content, string? expected)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File(name), content);
        var bad = new List<BadRecord>();

        string found = Read(folder.File(name), bad);

        Assert.Equal(expected is null ? 1 : 0, bad.Count);
        Assert.Equal(expected ?? "", found);
    }

    [Fact]
    public void Bad_rows_are_named_and_passed_over()
    {
        using var folder = TestData.Folder();
        File.WriteAllBytes(folder.File("a.csv"), [.. "q,a\n1,2\n1,2,3\n\"x\"y,2\n"u8, 0xFF, .. ",2\n5,6\n7,\"8\n9"u8]);
        var bad = new List<BadRecord>();

        string found = Read(folder.File("a.csv"), bad);

        Assert.Equal("1|2@2 5|6@6", found);
        Assert.Equal(
        [
            "3: this row has 3 fields, and the first row names 2 columns.",
            "4: field 1 goes on behind its closing quote.",
            "5: 'q' holds bytes that are no text: save the file as UTF-8.",
            "7: the quote of field 2 is never closed.",
        ], bad.Select(record => $"{record.Origin.Line}: {record.Reason}"));
    }

    [Fact]
    public void Two_columns_of_one_name_are_refused()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("a.csv"), "q,a,q\n1,2,3\n");

        var thrown = Assert.Throws<DataException>(() => Read(folder.File("a.csv"), []));

        Assert.Equal($"{folder.File("a.csv")}: the first row must name the columns: two columns are called 'q'.", thrown.Message);
    }

    private static string Read(string path, List<BadRecord> bad) => string.Join(' ', RecordFile.Read(path, wrong => bad.Add(wrong.Record!))
        .Select(record => $"{record.Text("q")}|{record.Text("a")}@{record.Origin.Line}"));
}
