using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Tests.Peft;

namespace Cria.Tests.EndToEnd;

/// <summary><c>cria train</c>: against peft, with other thread counts, and after a kill.</summary>
public class TrainTests
{
    private const string LongRun = """
        data:
          train: RECORDS
          packing: true
          max_length: 64
        peft:
          rank: 4
          dropout: 0.1
        train:
          steps: 100
          batch_size: 4
          micro_batch_size: 2
          save_every: 5
          keep: 2
        """;

    public static TheoryData<string> Adapters => PeftGoldenTests.Adapters;

    [Theory, MemberData(nameof(Adapters))]
    public async Task Four_steps_from_a_recipe_agree_with_peft(string name)
    {
        using var golden = new Golden(name, baseModel: "llama2-gqa");
        using var run = new TrainingRun().Tokens(golden.Sequences("input_ids").Zip(golden.Sequences("labels")), golden.Images()).With($"""
            init_adapter: {golden.Folder}
            data:
              train: RECORDS
              format: tokens
              packing: false
              shuffle: false
            train:
              steps: 4
              batch_size: 2
              micro_batch_size: 1
              learning_rate: 1e-2
              schedule: constant
              warmup_steps: 0
              weight_decay: 0.01
              betas: [0.9, 0.999]
              epsilon: 1e-8
              max_grad_norm: 0
            """);

        await CriaCommand.SucceedAsync("train", run.Recipe);

        float[] losses = [.. run.LogLines("run").Select(line => (float)JsonNode.Parse(line)!["loss"]!)];
        Near.Equal(golden["train.losses"], losses, Tolerances.Loss, "losses");
        using var adapter = Checkpoint.Open(Path.Combine(run.Path("run"), "adapter_model.safetensors"), golden.Device);
        Assert.Equal(golden.Names.Count(expected => expected.StartsWith("after4.", StringComparison.Ordinal)), adapter.Tensors.Count);
        foreach (string tensor in adapter.Tensors.Keys)
        {
            Assert.True(adapter.TryGet(tensor, out var found));
            var expected = PeftGoldenTests.Trained(golden, "after4", tensor);
            Near.Equal(expected, found.Floats(), Tolerances.StepsOfLearningRate * 1e-2f, tensor);
        }
    }

    [Fact]
    public async Task Threads_and_a_kill_in_the_middle_leave_no_trace()
    {
        using var run = new TrainingRun().Random(records: 60).With(LongRun);
        await CriaCommand.SucceedAsync("train", run.Recipe, $"out={run.Path("one")}", "--threads", "1");
        await CriaCommand.SucceedAsync("train", run.Recipe, $"out={run.Path("two")}", "--threads", "2");

        await KillAfter(23, run, "killed");
        await CriaCommand.SucceedAsync("train", "--resume", run.Path("killed"), "--threads", "2");

        Assert.Equal(100, run.Log("one").Length);
        Assert.Equal(run.Adapter("one"), run.Adapter("two"));
        Assert.Equal(run.Log("one"), run.Log("two"));
        Assert.Equal(run.Adapter("one"), run.Adapter("killed"));
        Assert.Equal(run.Log("one"), run.Log("killed"));
    }

    // On a busy machine this process may be halted for longer than the run lasts: then there was nothing to kill, and it is tried again.
    private static async Task KillAfter(int steps, TrainingRun run, string name)
    {
        const int tries = 5;
        for (int i = 0; i < tries; i++)
        {
            using var command = CriaCommand.Start("train", run.Recipe, $"out={run.Path(name)}", "--threads", "2");
            while (command.Running && run.LogLines(name).Length < steps)
                await Task.Delay(2, TestContext.Current.CancellationToken);
            command.Kill();
            var result = await command.EndAsync();
            int done = run.LogLines(name).Length;
            if (result.ExitCode != 0 && done is > 0 and < 100)
                return;
            Assert.True(result.ExitCode == 0 || done >= 100, $"The run failed before it was killed:\n{result.Error}");
            Directory.Delete(run.Path(name), recursive: true);
        }
        Assert.Fail($"None of {tries} runs was killed in its middle.");
    }
}
