using Cria.Peft;

namespace Cria.Tests.Cli;

public class CombineVerbTests
{
    private static string Model => TestData.Fixture("golden/llama2-gqa");

    [Fact]
    public async Task Loras_side_by_side_answer_as_the_two_together()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("ids.json"), "[[1, 2, 3, 4, 5, 6, 7, 8]]");
        string[] both = ["--adapter", TestData.Fixture("golden/peft-lora-qv") + ":0.5", "--adapter", TestData.Fixture("golden/peft-lora-all")];

        var combined = await Command.SucceedAsync(["combine", Model, .. both, "--how", "concatenate", "--out", folder.File("one"), "--json"]);

        Assert.Equal("lora", (string)combined.Json["method"]!);
        Assert.True(File.Exists(folder.File($"one/{HuggingFaceAdapter.WeightsFile}")));
        double together = await Perplexity(folder, both), one = await Perplexity(folder, ["--adapter", folder.File("one")]);
        Assert.Equal(together, one, 1e-3);
    }

    [Fact]
    public async Task All_mistakes_are_told_at_once()
    {
        using var folder = TestData.Folder();

        var run = await Command.RunAsync("combine", Model, "--how", "liner", "--out", folder.Path);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--adapter: name at least one.", run.Error);
        Assert.Contains("--how: 'liner' is not one of linear, concatenate. Did you mean 'linear'?", run.Error);
        Assert.Contains($"--out: {folder.Path} is there already.", run.Error);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_named_with_the_reason()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("file"), "");

        var run = await Command.RunAsync("combine", Model, "--adapter", TestData.Fixture("golden/peft-lora-qv"), "--out", folder.File("file/one"));

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"{folder.File("file/one")}: cannot be written: ", run.Error);
        Assert.EndsWith(". What was there before is untouched.\n", run.Error);
    }

    private static async Task<double> Perplexity(TemporaryFolder folder, string[] adapters) =>
        (double)(await Command.SucceedAsync(["score", Model, .. adapters, "--token-ids", folder.File("ids.json"), "--json"])).Json["perplexity"]!;
}
