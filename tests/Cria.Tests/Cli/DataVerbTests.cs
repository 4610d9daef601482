using Cria.Cli.Display;

namespace Cria.Tests.Cli;

public class DataVerbTests
{
    [Fact]
    public async Task Check_tells_of_every_bad_record_and_fails()
    {
        using var folder = Records("""{"prompt":"Hi","completion":"Ho"}""", "{", """{"prompt":"Hi"}""");

        var run = await Command.RunAsync("data", "check", folder.File("a.jsonl"), "--model", "cria-tiny");
        var json = await Command.RunAsync("data", "check", folder.File("a.jsonl"), "--json");

        Assert.Equal((1, 1), (run.ExitCode, json.ExitCode));
        Assert.Contains("a.jsonl: 3 records (prompt-completion, template none), 2 bad, 0 repeated\n", run.Out);
        Assert.Contains("a.jsonl, line 2: not valid JSON, at byte 1 of this line.\n", run.Out);
        Assert.Contains("a.jsonl, line 3: 'completion' is missing; found prompt.\n", run.Out);
        Assert.Contains("a key is missing         1  training stops at the first, or skips them with data.skip_bad\n", run.Out);
        Assert.Equal((3, 2, 1, "missing_field"), ((int)json.Json["records"]!, (int)json.Json["bad"]!, (int)json.Json["faults"]!["syntax"]!, (string?)json.Json["bad_records"]![1]!["fault"]));
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Check_of_good_records_succeeds()
    {
        using var folder = Records("""{"q":"Hi","a":"Ho"}""");

        var run = await Command.SucceedAsync("data", "check", folder.File("a.jsonl"), "--column", "prompt=q", "--column", "completion=a", "--tokenizer", "cria-tiny");

        Assert.Contains("1 records (prompt-completion, template none), 0 bad", run.Out);
    }

    [Fact]
    public async Task Preview_shows_text_mask_and_ids_as_training_has_them()
    {
        using var folder = Records("""{"instruction":"Say hi.","output":"Hi!"}""", """{"instruction":"x","output":"y"}""");

        var run = await Command.SucceedAsync("data", "preview", folder.File("a.jsonl"), "--model", "cria-tiny", "--count", "1", "--ids");
        var json = await Command.SucceedAsync("data", "preview", folder.File("a.jsonl"), "--model", "cria-tiny", "--json");

        Assert.Contains("### Instruction:\nSay hi.\n\n### Response:[[Hi!", run.Out);
        Assert.Contains("a.jsonl, line 1: ", run.Out);
        Assert.DoesNotContain("line 2", run.Out);
        int[] ids = [.. json.Json[0]!["input_ids"]!.AsArray().Select(id => (int)id!)];
        Assert.Contains(string.Join(' ', ids.Zip(json.Json[0]!["labels"]!.AsArray(), (id, label) => (int)label! < 0 ? $"-{id}" : $"{id}")), run.Out);
    }

    [Fact]
    public async Task Training_on_a_bad_record_names_the_verb_that_finds_them_all()
    {
        using var folder = Records("{");

        var run = await Command.RunAsync("data", "preview", folder.File("a.jsonl"), "--model", "cria-tiny");

        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith($"line 1: not valid JSON, at byte 1 of this line.\n  all of them: cria data check {folder.File("a.jsonl")}\n", run.Error);
    }

    [Fact]
    public async Task Wrong_settings_are_told_at_once()
    {
        var run = await Command.RunAsync("data", "check", "a.jsonl", "--column", "prompt", "--format", "alpacca");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("--column: expected FIELD=NAME, each field once, found 'prompt'.\nformat: 'alpacca' is not one of auto", run.Error);
    }

    [Fact]
    public void Lengths_are_counted_in_ranges_that_double()
    {
        var bins = LengthBin.Of(new Dictionary<int, int> { [3] = 1, [4] = 2, [5] = 3, [17] = 4 });

        Assert.Equal([new LengthBin(3, 4, 3), new LengthBin(5, 8, 3), new LengthBin(9, 16, 0), new LengthBin(17, 32, 4)], bins);
    }

    private static TemporaryFolder Records(params string[] lines)
    {
        var folder = TestData.Folder();
        File.WriteAllLines(folder.File("a.jsonl"), lines);
        return folder;
    }
}
