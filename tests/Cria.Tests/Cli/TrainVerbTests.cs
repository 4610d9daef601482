using System.Text.Json;

namespace Cria.Tests.Cli;

public class TrainVerbTests
{
    private static readonly string Model = TestData.Fixture("golden/llama2-gqa");

    [Fact]
    public async Task A_run_leaves_the_adapter_the_log_the_plot_and_the_recipe()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 6);

        var run = await Command.SucceedAsync("train", recipe, "--json");

        string[] files = ["adapter_config.json", "adapter_model.safetensors", "log.jsonl", "loss.png", "recipe.yaml", "checkpoints/step-6/state.json"];
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(folder.File("run"), file)), file));
        Assert.Equal((6, folder.File("run")), ((int)run.Json["steps"]!, (string)run.Json["run"]!));
        var steps = File.ReadLines(Path.Combine(folder.File("run"), "log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([1, 2, 3, 4, 5, 6], steps.Select(step => step.GetProperty("step").GetInt32()));
        Assert.True(steps[^1].TryGetProperty("validation_loss", out _));
        Assert.Contains("step 6/6", run.Error);
    }

    [Fact]
    public async Task A_stopped_run_resumes_to_the_same_bytes()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 6);
        await Command.SucceedAsync("train", recipe, $"out={folder.File("whole")}", "train.save_every=3");
        await Command.SucceedAsync("train", recipe, "train.save_every=3");
        string run = folder.File("run");
        Directory.Delete(Path.Combine(run, "checkpoints", "step-6"), recursive: true);

        await Command.SucceedAsync("train", "--resume", run);

        foreach (string file in new[] { "adapter_model.safetensors", "checkpoints/step-6/optimizer.safetensors" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(folder.File("whole"), file)), File.ReadAllBytes(Path.Combine(run, file)));
    }

    [Theory]
    [InlineData("run #2")]
    [InlineData("[run]")]
    [InlineData("a: b")]
    [InlineData("it's")]
    [InlineData("null")]
    public async Task A_run_resumes_in_its_own_folder_whatever_its_name(string name)
    {
        using var folder = TestData.Folder();
        await Command.SucceedAsync("train", WriteRecipe(folder, steps: 2));
        Directory.Move(folder.File("run"), folder.File(name));
        Directory.CreateDirectory(folder.File("run"));

        var resumed = await Command.SucceedAsync("train", "--resume", folder.File(name), "train.steps=3", "--json");

        Assert.Equal(folder.File(name), (string)resumed.Json["run"]!);
        Assert.True(Directory.Exists(Path.Combine(folder.File(name), "checkpoints", "step-3")));
        Assert.Empty(Directory.GetFileSystemEntries(folder.File("run")));
    }

    [Fact]
    public async Task A_damaged_recipe_of_a_run_is_named_with_its_folder()
    {
        using var folder = TestData.Folder();
        Directory.CreateDirectory(folder.File("run"));
        string recipe = Path.Combine(folder.File("run"), "recipe.yaml");
        File.WriteAllText(recipe, "model: [a");

        var run = await Command.RunAsync("train", "--resume", folder.File("run"));

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"{recipe}: is no YAML", run.Error);
    }

    [Fact]
    public async Task The_number_of_threads_changes_no_bit()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 4);

        await Command.SucceedAsync("train", recipe, $"out={folder.File("one")}", "--threads", "1");
        await Command.SucceedAsync("train", recipe, $"out={folder.File("two")}", "--threads", "2");

        Assert.Equal(File.ReadAllBytes(folder.File("one/adapter_model.safetensors")), File.ReadAllBytes(folder.File("two/adapter_model.safetensors")));
    }

    [Fact]
    public async Task A_dry_run_shows_where_each_setting_comes_from_and_what_is_learned()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 4);

        var run = await Command.SucceedAsync("train", recipe, "--dry-run", "train.seed=7", "data.validation=0.1");

        Assert.Matches(@"train\.seed +7  \(command line\)", run.Out);
        Assert.Contains($"4  ({recipe}, line 8)", run.Out);
        Assert.Matches(@"train\.keep +3  \(default\)", run.Out);
        Assert.Contains("activations, at most", run.Out);
        Assert.Matches(@" 10 11\[\[ 12 13 14\]\]", run.Out);
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public async Task A_dry_run_answers_as_JSON_too()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 4);

        var run = await Command.SucceedAsync("train", recipe, "--dry-run", "train.seed=7", "--json");

        var (settings, memory) = (run.Json["settings"]!, run.Json["memory"]!);
        Assert.Equal(("7", "command line"), ((string)settings["train.seed"]!["value"]!, (string)settings["train.seed"]!["origin"]!));
        Assert.Equal("default", (string)settings["train.keep"]!["origin"]!);
        Assert.Equal((long)memory["total_bytes"]!, (long)memory["base_bytes"]! + (long)memory["state_bytes"]! + (long)memory["activation_bytes"]!);
        Assert.Equal(41, (int)run.Json["data"]!["records"]!);
        Assert.Equal([10, 11, 12, 13, 14], run.Json["sample"]!["input_ids"]!.AsArray().Select(id => (int)id!));
        Assert.Equal([-100, -100, 12, 13, 14], run.Json["sample"]!["labels"]!.AsArray().Select(id => (int)id!));
    }

    [Theory]
    [InlineData("--device")]
    [InlineData("--dry-run", "--device")]
    public async Task Settings_that_the_device_refuses_leave_no_folder(params string[] options)
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 4);

        var run = await Command.RunAsync(["train", recipe, "train.optimizer=adamw-host", .. options, "cpu"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("adamw-host is for cards", run.Error);
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public async Task Three_mistakes_in_a_recipe_are_told_at_once()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 0);

        var run = await Command.RunAsync("train", recipe, "peft.rnak=3", "train.learning_rate=fast");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
        [
            "peft.rnak: no such key. Did you mean peft.rank? (command line)",
            "train.learning_rate: expected a number, found 'fast'. (command line)",
            $"steps: must be 1 or more, got 0. ({recipe}, line 10)",
        ], run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_folder_that_holds_a_run_is_left_alone()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 1);
        await Command.SucceedAsync("train", recipe);

        var run = await Command.RunAsync("train", recipe);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("holds a run already", run.Error);
    }

    [Fact]
    public async Task A_setting_that_contradicts_the_adapter_to_continue_from_is_refused()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 1);

        var run = await Command.RunAsync("train", recipe, $"init_adapter={TestData.Fixture("golden/peft-lora-qv")}", "peft.rank=8");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("rank: 8 contradicts init_adapter: ", run.Error);
    }

    [Fact]
    public async Task A_run_that_is_interrupted_says_how_to_go_on()
    {
        using var folder = TestData.Folder();
        string recipe = WriteRecipe(folder, steps: 100_000);
        using var stop = new CancellationTokenSource();
        var run = Command.RunAsync("", ["train", recipe], stop.Token);
        while (!File.Exists(Path.Combine(folder.File("run"), "log.jsonl")) && !run.IsCompleted)
            await Task.Delay(20, TestContext.Current.CancellationToken);

        await stop.CancelAsync();
        var stopped = await run;

        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains($"Go on with: cria train --resume {folder.File("run")}", stopped.Error);
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(folder.File("run"), "checkpoints"), "step-*"));
    }

    private static string WriteRecipe(TemporaryFolder folder, int steps)
    {
        var random = new Random(1);
        File.WriteAllLines(folder.File("train.jsonl"), Enumerable.Range(0, 40).Select(_ =>
            $$"""{"input_ids":[10,11,12,13,{{random.Next(14, 20)}}],"labels":[-100,-100,12,13,{{random.Next(14, 20)}}]}""").Prepend(
            """{"input_ids":[10,11,12,13,14],"labels":[-100,-100,12,13,14]}"""));
        File.WriteAllText(folder.File("recipe.yaml"),
            $"""
            model: {Model}
            out: {folder.File("run")}
            data:
              train: {folder.File("train.jsonl")}
              validation: {folder.File("train.jsonl")}
              max_length: 16
            peft:
              rank: 4
            train:
              steps: {steps}
              batch_size: 4
            """);
        return folder.File("recipe.yaml");
    }
}
