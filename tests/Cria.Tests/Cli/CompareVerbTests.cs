using System.Text.Json.Nodes;
using Cria.Peft;
using Cria.Tests.Peft;

namespace Cria.Tests.Cli;

public class CompareVerbTests
{
    [Fact]
    public async Task Every_method_trains_over_the_same_base_and_leaves_its_run()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder);
        string[] presets = [.. MethodPreset.All().Select(preset => preset.Name)];

        var run = await Command.SucceedAsync("compare", recipe, "--methods", string.Join(',', presets), "--json");

        var methods = run.Json["methods"]!.AsArray();
        Assert.Equal(presets, methods.Select(method => (string)method!["name"]!));
        Assert.Equal("perplexity", (string)run.Json["score"]!);
        Assert.All(methods, method =>
        {
            string name = (string)method!["name"]!;
            Assert.Null(method["failure"]);
            Assert.Equal(2, (int)method["steps"]!);
            Assert.True((long)method["memory_bytes"]! > 0 && (double)method["tokens_per_second"]! > 0, name);
            Assert.True(File.Exists(Path.Combine(folder.File("out"), name, name == "full" ? "model.safetensors" : "adapter_model.safetensors")), name);
            Assert.Equal(Math.Exp((double)method["validation_loss"]!), (double)method["after"]!, 6);
            if (name != "qlora")                // whose base is another
                Assert.Equal((double)methods[0]!["before"]!, (double)method["before"]!, 6);
        });
        Assert.Equal(run.Json.ToJsonString(), JsonNode.Parse(File.ReadAllText(folder.File("out/compare.json")))!.ToJsonString());
        Assert.True(File.Exists(folder.File("out/compare.png")));
    }

    [Fact]
    public async Task The_recipe_gives_each_method_settings_of_its_own()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, "  llama-adapter: {learning_rate: 0.03, prompt_length: 3, weight_decay: 0.02}", "  methods: [lora, llama-adapter, norms]");

        var run = await Command.SucceedAsync("compare", recipe, "peft.method=lora", "peft.rank=2", "train.learning_rate=5e-3", "--steps", "1", "--json");

        string[] recipes = [.. new[] { "lora", "llama-adapter", "norms" }.Select(name => File.ReadAllText(folder.File($"out/{name}/recipe.yaml")))];
        Assert.Equal([0.005, 0.03, 0.001], run.Json["methods"]!.AsArray().Select(method => (double)method!["learning_rate"]!));
        Assert.Contains("rank: 2\n", recipes[0]);
        Assert.Contains("prompt_length: 3\n", recipes[1]);
        Assert.Contains("weight_decay: 0.02\n", recipes[1]);
        Assert.Contains("weight_decay: 0\n", recipes[2]);
        Assert.All(recipes, yaml => Assert.Contains("steps: 1\n", yaml));
    }

    [Theory]
    [InlineData("--steps", "2")]
    [InlineData("--minutes", "0.0001")]
    public async Task A_budget_shorter_than_the_warm_up_shortens_it(string budget, string value)
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, "  norms: {warmup_steps: 10}");

        var run = await Command.SucceedAsync("compare", recipe, "train.steps=20", "--methods", "norms,bias", budget, value, "--json");

        Assert.Equal(["norms", "bias"], run.Json["methods"]!.AsArray().Select(method => (string)method!["name"]!));
        Assert.Contains("warmup_steps: 0\n", File.ReadAllText(folder.File("out/norms/recipe.yaml")));
    }

    [Fact]
    public async Task The_memory_of_one_method_is_not_that_of_another()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder);

        var alone = await Command.SucceedAsync("compare", recipe, "--methods", "norms", "--out", folder.File("alone"), "--json");
        var after = await Command.SucceedAsync("compare", recipe, "--methods", "full,norms", "--out", folder.File("after"), "--json");

        Assert.Equal((long)alone.Json["methods"]![0]!["memory_bytes"]!, (long)after.Json["methods"]![1]!["memory_bytes"]!);
        Assert.True((long)after.Json["methods"]![0]!["memory_bytes"]! > (long)after.Json["methods"]![1]!["memory_bytes"]!);
    }

    [Theory]
    [InlineData("--tokens", "200", 10)]
    [InlineData("--minutes", "0.002", null)]
    public async Task A_budget_may_be_tokens_or_minutes(string budget, string amount, int? steps)
    {
        using var folder = TestData.Folder();

        var run = await Command.SucceedAsync("compare", WriteRecipe(folder), "--methods", "norms", budget, amount, "--json");

        int found = (int)run.Json["methods"]![0]!["steps"]!;
        Assert.Equal(steps ?? found, found);
        Assert.Single(Directory.GetDirectories(folder.File("out")));
    }

    [Fact]
    public async Task What_was_found_before_an_interruption_stays()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, "  lora: {rank: 2, steps: 100000}");
        using var stop = new CancellationTokenSource();
        var run = Command.RunAsync("", ["compare", recipe, "--methods", "norms,lora"], stop.Token);
        while (!File.Exists(folder.File("out/lora/log.jsonl")) && !run.IsCompleted)
            await Task.Delay(20, TestContext.Current.CancellationToken);

        await stop.CancelAsync();
        var stopped = await run;

        Assert.Equal(130, stopped.ExitCode);
        Assert.Matches(@"(?m)^norms .+\n", stopped.Out);
        Assert.DoesNotContain("lora ", stopped.Out);
        Assert.Single(JsonNode.Parse(File.ReadAllText(folder.File("out/compare.json")))!["methods"]!.AsArray());
    }

    [Fact]
    public async Task All_mistakes_are_told_at_once()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, "  lorra: {rank: 2}", "  lora: {rnak: 2}", "  norms: fast");

        var run = await Command.RunAsync("compare", recipe, "--methods", "lora,exciter", "--steps", "0", "--tokens", "5", "data.packing=maybe");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
        [
            "--steps, --tokens, --minutes: give one of them.",
            "--steps: must be 1 or more, got 0.",
            $"lorra: is neither a key of compare nor a method. Did you mean lora? ({recipe}, line 13)",
            $"norms: expected settings, such as {{learning_rate: 1e-3}}, found 'fast'. ({recipe}, line 15)",
            run.Error.Split('\n')[4],
            "data.packing: expected true or false, found 'maybe'. (command line)",
            $"lora.rnak: no such key. Did you mean peft.rank? ({recipe}, line 14)",
        ], run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith("Did you mean 'excitor'?", run.Error.Split('\n')[4]);
    }

    [Theory]
    [InlineData("data.validation=", "data.validation: without data to measure with")]
    [InlineData("compare.test=missing.jsonl", "test: there is no file missing.jsonl")]
    public async Task A_comparison_needs_something_to_compare_by(string setting, string message)
    {
        using var folder = TestData.Folder();

        var run = await Command.RunAsync("compare", WriteRecipe(folder), setting);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    [Theory]
    [InlineData("""{"prompt":"a"}""")]
    [InlineData("""{"prompt":"a","completion":"\ud800"}""")]
    [InlineData("""{"prompt":"a","compl\ud800":"b"}""")]
    public async Task A_file_of_questions_that_are_none_is_refused_by_its_line(string second)
    {
        using var folder = TestData.Folder();
        File.WriteAllLines(folder.File("test.jsonl"), ["""{"prompt":"a","completion":"b"}""", second]);

        var run = await Command.RunAsync("compare", WriteRecipe(folder), $"compare.test={folder.File("test.jsonl")}");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("test.jsonl, line 2: expected", run.Error);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_named_with_the_reason()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("file"), "");

        var run = await Command.RunAsync("compare", WriteRecipe(folder), "--out", folder.File("file/one"));

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"{folder.File("file/one")}: cannot be written: ", run.Error);
        Assert.EndsWith(". What was there before is untouched.\n", run.Error);
    }

    [Fact]
    public async Task A_folder_that_holds_a_comparison_is_left_alone()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder);
        await Command.SucceedAsync("compare", recipe, "--methods", "norms");

        var run = await Command.RunAsync("compare", recipe, "--methods", "bias");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("holds a comparison already", run.Error);
    }

    private static string WriteRecipe(TemporaryFolder folder, params string[] compare)
    {
        RandomModel.Write(Directory.CreateDirectory(folder.File("model")).FullName, SmallModel.Shape);
        File.WriteAllLines(folder.File("train.jsonl"), Enumerable.Range(0, 16).Select(i =>
            $$"""{"input_ids":[10,11,12,13,{{14 + i % 4}}],"labels":[-100,-100,12,13,{{14 + i % 4}}]}"""));
        File.WriteAllText(folder.File("recipe.yaml"),
            $$"""
            model: {{folder.File("model")}}
            out: {{folder.File("out")}}
            data:
              train: {{folder.File("train.jsonl")}}
              validation: {{folder.File("train.jsonl")}}
              max_length: 16
              packing: false
            train:
              steps: 2
              batch_size: 4
            compare:
              qlora: {rank: 4}
            {{string.Join('\n', compare)}}
            """);
        return folder.File("recipe.yaml");
    }
}
