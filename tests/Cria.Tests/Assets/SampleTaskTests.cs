using System.Text.Json;

namespace Cria.Tests.Assets;

/// <summary>The claims that the quickstart makes about its data.</summary>
public sealed class SampleTaskTests
{
    private static readonly string Folder = Path.Combine(TestData.Checkout, "src", "Cria", "Assets", "sample-task");
    private static readonly string[] Keys = ["who", "what", "count", "color"];

    [Theory]
    [InlineData("validation")]
    [InlineData("test")]
    public void Unseen_records_are_new_combinations_of_values_that_train_has(string part)
    {
        var train = Read("train");
        var seen = train.Select(r => r.Completion).ToHashSet();

        var unseen = Read(part);

        Assert.Equal(100, unseen.Count);
        Assert.All(unseen, r => Assert.DoesNotContain(r.Completion, seen));
        Assert.All(unseen, r => Assert.DoesNotContain(train, t => t.Prompt == r.Prompt));
        foreach (string key in Keys)
            Assert.Subset(Values(train, key), Values(unseen, key));
    }

    [Fact]
    public void No_combination_occurs_twice()
    {
        var all = Read("train").Concat(Read("validation")).Concat(Read("test")).Select(r => r.Completion).ToList();

        Assert.Equal(2200, all.Count);
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    private static List<(string Prompt, string Completion)> Read(string part) =>
        [.. File.ReadLines(Path.Combine(Folder, part + ".jsonl")).Select(Record)];

    private static (string, string) Record(string line)
    {
        using var json = JsonDocument.Parse(line);
        return (json.RootElement.GetProperty("prompt").GetString()!, json.RootElement.GetProperty("completion").GetString()!);
    }

    private static HashSet<string> Values(IEnumerable<(string Prompt, string Completion)> records, string key) =>
        [.. records.Select(r => Value(r.Completion, key))];

    private static string Value(string completion, string key)
    {
        using var json = JsonDocument.Parse(completion);
        return json.RootElement.GetProperty(key).ToString();
    }
}
