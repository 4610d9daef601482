using Cria.Data;

namespace Cria.Tests.Data;

public class RecordFileTests
{
    [Theory]
    [InlineData("a.jsonl", "{\"text\":\"1\"}\n\n  \n{\"text\":\"2\"}\r\n{\"text\":\"3\"}", "1@1 2@4 3@5")]
    [InlineData("a.json", "[\n {\"text\":\"1\"},\n {\"text\":\n\"2\"}, {\"text\":\"3\"}\n]\n", "1@2 2@3 3@4")]
    [InlineData("a.json", "{\"text\":\"1\"}\n{\"text\":\"2\"}\n", "1@1 2@2")]
    [InlineData("a.jsonl", " \n[{\"text\":\"1\"}]", "1@2")]
    [InlineData("a.jsonl", "\uFEFF{\"text\":\"é\"}", "é@1")]
    [InlineData("a.txt", "one\n\ntwo \"quoted\"\n", "one\n\ntwo \"quoted\"\n@1")]
    [InlineData("a.json", "[]", "")]
    [InlineData("a.jsonl", "", "")]
    public void Records_come_with_the_line_on_which_they_begin(string name, string content, string expected)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File(name), content);
        foreach (string extension in new[] { ".gz", ".zst" })
            File.WriteAllBytes(folder.File(name + extension), Compressed.Bytes(content, extension));

        Assert.Equal(expected, Read(folder.File(name)));
        Assert.Equal(expected, Read(folder.File(name + ".gz")));
        Assert.Equal(expected, Read(folder.File(name + ".zst")));
    }

    [Fact]
    public void A_line_longer_than_the_buffer_is_read_whole()
    {
        using var folder = TestData.Folder();
        string text = new('x', 300_000);
        File.WriteAllText(folder.File("a.jsonl"), $"{{\"text\":\"{text}\"}}\n{{\"text\":\"2\"}}");

        Assert.Equal($"{text}@1 2@2", Read(folder.File("a.jsonl")));
    }

    [Theory]
    [InlineData("a.jsonl", "{\"text\":\"1\"}\n{\"text\":\n", "a.jsonl, line 2: not valid JSON, at byte 8 of this line.")]
    [InlineData("a.jsonl", "{\"text\":\"1\"}\n7", "a.jsonl, line 2: a record must be an object, found a number.")]
    [InlineData("a.json", "[{\"text\":\"1\"},\n\n {\"text\" 7}]", "a.json, line 3: not valid JSON, at byte 9 of this line.")]
    [InlineData("a.json", "[{\"text\":\"1\"}] x", "a.json, line 1: not valid JSON, at byte 15 of this line.")]
    [InlineData("a.json", "[{\"text\":\"1\"}\n", "a.json, line 2: not valid JSON, at byte 0 of this line.")]
    [InlineData("a.json", "[[]]", "a.json, line 1: a record must be an object, found a list.")]
    [InlineData("a.xlsx", "PK", """
        a.xlsx: this kind of file is not read.
          expected .jsonl (one record a line), .json (an array of records), .csv, .tsv or .txt (plain text), each also compressed
                   as .gz or .zst, or .parquet
          found    .xlsx
        """)]
    [InlineData("a.jsonl.gz", "this is not compressed", "a.jsonl.gz: The archive entry was compressed using an unsupported compression method.")]
    public void A_bad_file_is_named_with_line_and_reason(string name, string content, string expected)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File(name), content);

        var thrown = Assert.Throws<DataException>(() => Read(folder.File(name)));

        Assert.Equal(expected, thrown.Message.Replace(folder.Path + Path.DirectorySeparatorChar, ""));
    }

    [Fact]
    public void A_deeply_nested_record_is_an_error_not_a_crash()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("a.jsonl"), "{\"text\":" + new string('[', 100_000));
        File.WriteAllText(folder.File("a.json"), new string('[', 100_000));

        Assert.Throws<DataException>(() => Read(folder.File("a.jsonl")));
        Assert.Throws<DataException>(() => Read(folder.File("a.json")));
    }

    [Fact]
    public void An_absent_file_is_named()
    {
        var thrown = Assert.Throws<DataException>(() => Read("nowhere/a.jsonl"));

        Assert.Equal("nowhere/a.jsonl: there is no such file.", thrown.Message);
    }

    private static string Read(string path) =>
        string.Join(' ', RecordFile.Read(path, bad => throw bad).Select(record => $"{record.Text("text")}@{record.Origin.Line}"));
}
