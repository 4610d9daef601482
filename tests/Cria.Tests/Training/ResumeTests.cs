using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Peft;
using Cria.Training;

namespace Cria.Tests.Training;

public class ResumeTests
{
    public static TheoryData<PeftOptions> Methods => 
    [
        new LoraOptions { Rank = 4, Dropout = 0.1f }, new LoraOptions { Rank = 4, Init = "pissa" }, new LoraOptions { Rank = 2, Dora = true },
        new LlamaAdapterOptions { PromptLength = 3 }, new LlamaAdapterV2Options { PromptLength = 3 }, new ExcitorOptions { PromptLength = 3, Rank = 2 }, new FullOptions(),
    ];

    [Theory, MemberData(nameof(Methods))]
    public async Task A_killed_run_goes_on_bit_for_bit(PeftOptions method)
    {
        using var fixture = new TrainingFixture();
        string weights = method is FullOptions ? "model.safetensors" : HuggingFaceAdapter.WeightsFile;
        await TrainingFixture.Run(fixture.Trainer("whole", method: method));

        // Steps 1 to 5 happen; the checkpoint of step 4 is the last that a kill leaves behind, with half of a line and half of a checkpoint.
        await Break(fixture.Trainer("killed", method: method), after: 5);
        string killed = Path.Combine(fixture.Folder, "killed");
        Directory.Delete(Path.Combine(killed, "checkpoints", "step-5"), recursive: true);
        Directory.CreateDirectory(Path.Combine(killed, "checkpoints", ".step-6.half"));
        File.AppendAllText(Path.Combine(killed, "log.jsonl"), "{\"step\":6,\"lo");
        var resumed = await TrainingFixture.Run(fixture.Trainer("killed", method: method, resume: true));

        Assert.Equal([5, 6], resumed.Select(step => step.Step));
        Assert.Equal(fixture.Bytes("whole", weights), fixture.Bytes("killed", weights));
        Assert.Equal(fixture.Bytes("whole", "checkpoints/step-6/optimizer.safetensors"), fixture.Bytes("killed", "checkpoints/step-6/optimizer.safetensors"));
        Assert.Equal(fixture.Log("whole"), fixture.Log("killed"));
        Assert.Equal(["step-4", "step-6"], Checkpoints(killed));
    }

    [Theory, InlineData("adamw-8bit", "optimizer.safetensors"), InlineData("adamw-paged", "optimizer.pages")]
    public async Task Every_optimizer_goes_on_bit_for_bit(string optimizer, string file)
    {
        using var fixture = new TrainingFixture();
        var options = TrainingFixture.Options with { Optimizer = optimizer };
        var method = new FullOptions();
        await TrainingFixture.Run(fixture.Trainer("whole", options, method));

        await Break(fixture.Trainer("killed", options, method), after: 5);
        await TrainingFixture.Run(fixture.Trainer("killed", options, method, resume: true));

        Assert.Equal(fixture.Bytes("whole", "model.safetensors"), fixture.Bytes("killed", "model.safetensors"));
        Assert.Equal(fixture.Bytes("whole", $"checkpoints/step-6/{file}"), fixture.Bytes("killed", $"checkpoints/step-6/{file}"));
    }

    [Fact]
    public async Task A_folder_belongs_to_one_run_at_a_time()
    {
        using var fixture = new TrainingFixture();
        string folder = Path.Combine(fixture.Folder, "run");
        string[] inUse = [$"out: {folder} is in use: another run goes on in it. Wait for its end, or choose another folder."];

        using (RunFolder.Create(folder))
        {
            Assert.Equal(inUse, Assert.Throws<OptionsException>(() => RunFolder.Create(folder)).Problems);
            Assert.Equal(inUse, Assert.Throws<OptionsException>(() => RunFolder.Open(folder)).Problems);
        }

        await TrainingFixture.Run(fixture.Trainer("run", resume: true));
        Assert.False(File.Exists(Path.Combine(folder, ".in-use")));
    }

    [Fact]
    public async Task Pages_change_no_bit_and_eight_bits_little()
    {
        using var fixture = new TrainingFixture();
        var losses = new Dictionary<string, double>();
        foreach (string optimizer in new[] { "adamw", "adamw-paged", "adamw-8bit" })
        {
            var steps = await TrainingFixture.Run(fixture.Trainer(optimizer, TrainingFixture.Options with { Optimizer = optimizer }, new FullOptions()));
            losses[optimizer] = steps[^1].Loss;
        }

        Assert.Equal(fixture.Bytes("adamw", "model.safetensors"), fixture.Bytes("adamw-paged", "model.safetensors"));
        Assert.NotEqual(fixture.Bytes("adamw", "model.safetensors"), fixture.Bytes("adamw-8bit", "model.safetensors"));
        Assert.Equal(losses["adamw"], losses["adamw-8bit"], Tolerances.EightBitLoss);
        Assert.InRange(fixture.Bytes("adamw-8bit", "checkpoints/step-6/optimizer.safetensors").Length, 0, 0.5 * fixture.Bytes("adamw", "checkpoints/step-6/optimizer.safetensors").Length);
    }

    [Fact]
    public async Task A_stopped_run_leaves_a_checkpoint_of_the_step_it_reached()
    {
        using var fixture = new TrainingFixture();
        await TrainingFixture.Run(fixture.Trainer("whole"));
        using var stop = new CancellationTokenSource();
        var trainer = fixture.Trainer("stopped");

        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (var step in trainer.RunAsync(stop.Token))
            {
                if (step.Step == 3)
                    await stop.CancelAsync();
            }
        });

        Assert.Equal(["step-2", "step-3"], Checkpoints(Path.Combine(fixture.Folder, "stopped")));
        await TrainingFixture.Run(fixture.Trainer("stopped", resume: true));
        Assert.Equal(fixture.Bytes("whole"), fixture.Bytes("stopped"));
        Assert.Equal(fixture.Log("whole"), fixture.Log("stopped"));
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_finished_leaves_the_one_before_intact()
    {
        using var fixture = new TrainingFixture();
        string run = Path.Combine(fixture.Folder, "run");
        await Break(fixture.Trainer("run"), after: 2);

        using (var folder = RunFolder.Open(run))
        {
            Assert.Throws<CheckpointException>(() => folder.Save(3, keep: 2, aside =>
            {
                File.WriteAllText(Path.Combine(aside, "adapter_model.safetensors"), "half");
                throw new IOException("No space left on device");
            }));
        }

        Assert.Equal(["step-2"], Checkpoints(run));
        Assert.Equal(2, fixture.Trainer("run", resume: true).Done);
    }

    [Fact]
    public async Task What_a_killed_process_left_aside_is_removed_and_nothing_else()
    {
        using var fixture = new TrainingFixture();
        string run = Path.Combine(fixture.Folder, "run");
        await Break(fixture.Trainer("run"), after: 1);
        string[] before = Directory.GetFileSystemEntries(run);
        File.WriteAllText(Path.Combine(run, ".gitignore"), "*");
        File.WriteAllText(Unfinished.NameFor(Path.Combine(run, "log.jsonl")), "half");

        fixture.Trainer("run", resume: true).Dispose();

        Assert.Equal(before.Append(Path.Combine(run, ".gitignore")).Order(), Directory.GetFileSystemEntries(run).Order());
    }

    [Theory]
    [InlineData("state.json")]
    [InlineData("adapter_model.safetensors")]
    [InlineData("optimizer.safetensors")]
    public async Task Where_the_newest_checkpoint_is_damaged_the_one_before_is_named_and_serves(string damaged)
    {
        using var fixture = new TrainingFixture();
        await TrainingFixture.Run(fixture.Trainer("whole"));
        await Break(fixture.Trainer("run"), after: 5);
        string run = Path.Combine(fixture.Folder, "run"), newest = Path.Combine(run, "checkpoints", "step-5");
        File.WriteAllText(Path.Combine(newest, damaged), "half");

        var thrown = Assert.Throws<CheckpointException>(() => fixture.Trainer("run", resume: true));

        Assert.StartsWith($"{Path.Combine(newest, damaged)}: ", thrown.Message, StringComparison.Ordinal);
        Assert.EndsWith($"\n  kept     {Path.Combine(run, "checkpoints", "step-4")}: to go on from there, move {newest} out of the folder of checkpoints and resume again", thrown.Message, StringComparison.Ordinal);

        Directory.Move(newest, Path.Combine(fixture.Folder, "away"));
        fixture.Close();
        await TrainingFixture.Run(fixture.Trainer("run", resume: true));
        Assert.Equal(fixture.Bytes("whole"), fixture.Bytes("run"));
    }

    [Fact]
    public async Task A_folder_that_holds_a_run_is_not_written_over()
    {
        using var fixture = new TrainingFixture();
        await Break(fixture.Trainer("run"), after: 1);

        var thrown = Assert.Throws<OptionsException>(() => fixture.Trainer("run"));

        Assert.Equal($"out: {Path.Combine(fixture.Folder, "run")} holds a run already: resume it, or choose another folder.", thrown.Message);
    }

    [Fact]
    public void Where_there_is_no_run_there_is_nothing_to_resume()
    {
        using var fixture = new TrainingFixture();

        var thrown = Assert.Throws<CheckpointException>(() => fixture.Trainer("nowhere", resume: true));

        Assert.EndsWith("""
            nowhere: there is nothing to resume.
              expected the folder of a run, with a folder checkpoints in it
            """, thrown.Message);
    }

    [Fact]
    public async Task A_run_that_was_killed_before_its_first_checkpoint_begins_anew()
    {
        using var fixture = new TrainingFixture();
        await TrainingFixture.Run(fixture.Trainer("whole"));
        await Break(fixture.Trainer("killed"), after: 1);
        Directory.Delete(Path.Combine(fixture.Folder, "killed", "checkpoints", "step-1"), recursive: true);

        await TrainingFixture.Run(fixture.Trainer("killed", resume: true));

        Assert.Equal(fixture.Bytes("whole"), fixture.Bytes("killed"));
        Assert.Equal(fixture.Log("whole"), fixture.Log("killed"));
    }

    [Theory]
    [InlineData("step", "-1", "step: expected a whole number, not negative, found -1.")]
    [InlineData("epoch", "4294967296", "epoch: expected a whole number, not negative, found 4294967296.")]
    [InlineData("batch", "-5", "batch: expected a whole number, not negative, found -5.")]
    [InlineData("batch", "5", "batch: expected 0 to 4, for an epoch has 5 batches, found 5.")]
    [InlineData("seed", "4294967297", "seed: expected a whole number, found 4294967297.")]
    public async Task A_state_that_cannot_be_is_refused(string key, string value, string message)
    {
        using var fixture = new TrainingFixture();
        await Break(fixture.Trainer("run"), after: 2);
        string state = Path.Combine(fixture.Folder, "run", "checkpoints", "step-2", "state.json");
        var json = JsonNode.Parse(File.ReadAllText(state))!.AsObject();
        json[key] = JsonNode.Parse(value);
        File.WriteAllText(state, json.ToJsonString());

        var thrown = Assert.Throws<CheckpointException>(() => fixture.Trainer("run", resume: true));

        Assert.Equal($"{state}: {message}", thrown.Message);
    }

    [Fact]
    public async Task A_run_whose_data_or_seed_changed_does_not_go_on()
    {
        using var fixture = new TrainingFixture();
        await Break(fixture.Trainer("run"), after: 2);
        File.AppendAllText(fixture.Records, """{"input_ids":[1,2,3]}""");

        var thrown = Assert.Throws<OptionsException>(() => fixture.Trainer("run", TrainingFixture.Options with { Seed = 2, BatchSize = 2 }, resume: true));

        Assert.Equal(["seed", "batch_size", "train"], thrown.Problems.Select(problem => problem.Split(':')[0]));
    }

    private static string?[] Checkpoints(string run) =>
        [.. Directory.EnumerateDirectories(Path.Combine(run, "checkpoints")).Select(Path.GetFileName).Order()];

    private static async Task Break(Trainer trainer, int after)
    {
        await foreach (var step in trainer.RunAsync(TestContext.Current.CancellationToken))
        {
            if (step.Step == after)
                break;
        }
        trainer.Dispose();
    }
}
