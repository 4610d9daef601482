using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Data;

namespace Cria.Tests.Data;

public class ParquetTests
{
    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(TestData.Fixture("parquet"), "*.parquet").Select(file => Path.GetFileName(file)!).Order()];

    [Theory, MemberData(nameof(Files))]
    public void What_other_writers_wrote_is_read_row_by_row(string name)
    {
        var expected = File.ReadLines(TestData.Fixture("parquet/rows.jsonl")).Select(line => JsonNode.Parse(line)!).ToList();

        var found = Rows(TestData.Fixture($"parquet/{name}"));

        Assert.Equal(60, found.Count);
        Assert.All(expected.Zip(found), pair =>
        {
            foreach (var (key, value) in pair.Second)
                Assert.True(JsonNode.DeepEquals(pair.First[key], value), $"{key}: expected {pair.First[key]?.ToJsonString()}, found {value?.ToJsonString()}");
        });
    }

    [Fact]
    public void A_column_that_nobody_wants_is_named_and_not_read()
    {
        var wanted = new HashSet<string> { "prompt" };
        using var records = RecordFile.Read(TestData.Fixture("parquet/duckdb-v1-snappy.parquet"), bad => throw bad, wanted).GetEnumerator();

        Assert.True(records.MoveNext());

        Assert.Equal(["n", "prompt", "completion", "messages", "numbers", "nested", "truth", "ratio"], records.Current.Keys);
        Assert.True(records.Current.Has("prompt"));
        Assert.False(records.Current.Has("completion"));
        Assert.EndsWith("duckdb-v1-snappy.parquet, row 1", records.Current.Origin.ToString());
    }

    [Theory]
    [InlineData(0, "it is no Parquet file, or was cut short: its last bytes are not PAR1.")]
    [InlineData(4, "it is no Parquet file, or was cut short: it has 4 bytes.")]
    [InlineData(3000, "it is no Parquet file, or was cut short: its last bytes are not PAR1.")]
    public void A_file_that_is_none_is_named(int length, string expected)
    {
        using var folder = TestData.Folder();
        byte[] whole = File.ReadAllBytes(TestData.Fixture("parquet/duckdb-v1-snappy.parquet"));
        File.WriteAllBytes(folder.File("a.parquet"), length == 0 ? [.. whole, 0] : whole[..length]);

        var thrown = Assert.Throws<DataException>(() => Rows(folder.File("a.parquet")));

        Assert.Equal($"{folder.File("a.parquet")}: {expected}", thrown.Message);
    }

    [Theory, MemberData(nameof(Files))]
    public void A_damaged_file_is_an_error_not_a_crash(string name)
    {
        using var folder = TestData.Folder();
        string file = folder.File("a.parquet");
        Damage.Try<DataException>(File.ReadAllBytes(TestData.Fixture($"parquet/{name}")), times: 200, seed: 1, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            foreach (var record in RecordFile.Read(file, bad => throw bad))
                Assert.Equal(JsonValueKind.Object, record.Json.ValueKind);
        });
    }

    private static List<JsonObject> Rows(string path) =>
        [.. RecordFile.Read(path, bad => throw bad).Select(record => JsonNode.Parse(record.Json.GetRawText())!.AsObject())];
}
