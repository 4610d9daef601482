using System.Text.Json.Nodes;
using Cria.Data;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Tests.Training;

public class TrainerTests
{
    [Theory]
    [InlineData("peft-lora-qv")]
    [InlineData("peft-lora-all")]
    public async Task Four_steps_from_a_file_of_tokens_agree_with_peft(string name)
    {
        using var golden = new Golden(name, baseModel: "llama2-gqa");
        using var fixture = new TrainingFixture();
        File.WriteAllLines(fixture.Records, golden.Sequences("input_ids").Zip(golden.Sequences("labels"), (ids, labels) =>
            $$"""{"input_ids":[{{string.Join(',', ids)}}],"labels":[{{string.Join(',', labels)}}]}"""));
        var options = new TrainingOptions
        {
            Steps = 4, BatchSize = 2, MicroBatchSize = 1, LearningRate = 1e-2, Schedule = "constant", WarmupSteps = 0, WeightDecay = 0.01, MaxGradNorm = 0,
        };
        var (model, source) = fixture.Model();
        var adapter = HuggingFaceAdapter.Load(model, golden.Folder);

        var steps = await TrainingFixture.Run(
            new Trainer(model, source, adapter, fixture.Data(), options, RunFolder.Create(Path.Combine(fixture.Folder, "run")), shuffle: false));

        Near.Equal(golden["train.losses"], [.. steps.Select(step => (float)step.Loss)], Tolerances.Loss, "losses");
        foreach (var parameter in adapter.Trained)
        {
            var expected = golden[$"after4.base_model.model.{parameter.Name.Replace(".weight", ".default.weight", StringComparison.Ordinal)}"];
            Near.Equal(expected, parameter.Value.ToArray(), Tolerances.StepsOfLearningRate * (float)options.LearningRate, parameter.Name);
        }
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("full")]
    public async Task Training_lowers_the_loss_and_leaves_what_the_run_folder_promises(string method)
    {
        using var fixture = new TrainingFixture();
        PeftOptions peft = method == "full" ? new FullOptions() : new LoraOptions { Rank = 4 };

        var steps = await TrainingFixture.Run(fixture.Trainer("run", TrainingFixture.Options with { Steps = 12 }, peft));

        Assert.Equal(Enumerable.Range(1, 12), steps.Select(step => step.Step));
        Assert.True(steps[^1].Loss < 0.9 * steps[0].Loss, $"{steps[0].Loss} → {steps[^1].Loss}");
        Assert.Equal([3, 6, 9, 12], steps.Where(step => step.ValidationLoss is not null).Select(step => step.Step));
        string[] files = method == "full" ? ["config.json", "generation_config.json", "model.safetensors"] : [HuggingFaceAdapter.ConfigFile, HuggingFaceAdapter.WeightsFile];
        string run = Path.Combine(fixture.Folder, "run");
        Assert.Equal(files.Append("log.jsonl").Order(), Directory.EnumerateFiles(run).Select(Path.GetFileName).Order());
        Assert.Equal(["step-10", "step-12"], Directory.EnumerateDirectories(Path.Combine(run, "checkpoints")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_line_of_the_log_has_exactly_the_documented_keys()
    {
        using var fixture = new TrainingFixture();

        var steps = await TrainingFixture.Run(fixture.Trainer("run", TrainingFixture.Options with { Steps = 3 }));

        string[] keys = ["step", "loss", "learning_rate", "grad_norm", "tokens", "supervised_tokens", "tokens_per_second", "memory_bytes"];
        var lines = File.ReadAllLines(Path.Combine(fixture.Folder, "run", "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.Equal(keys, lines[0].Select(pair => pair.Key));
        Assert.Equal([.. keys, "validation_loss"], lines[2].Select(pair => pair.Key));
        Assert.Equal(steps.Select(step => step.Loss), lines.Select(line => (double)line["loss"]!));
    }

    [Fact]
    public async Task Smaller_parts_of_a_batch_change_the_result_only_by_rounding()
    {
        using var fixture = new TrainingFixture();
        var options = TrainingFixture.Options with { WeightDecay = 0.1, Schedule = "linear" };

        var whole = await TrainingFixture.Run(fixture.Trainer("whole", options with { MicroBatchSize = 4 }));
        var parts = await TrainingFixture.Run(fixture.Trainer("parts", options with { MicroBatchSize = 1 }));

        Assert.All(whole.Zip(parts), pair =>
        {
            Assert.Equal(pair.First.Loss, pair.Second.Loss, Tolerances.Loss);
            Assert.Equal(pair.First.GradNorm, pair.Second.GradNorm, Tolerances.Gradients * pair.First.GradNorm);
            Assert.Equal((pair.First.Tokens, pair.First.SupervisedTokens), (pair.Second.Tokens, pair.Second.SupervisedTokens));
        });
    }

    [Fact]
    public async Task Recomputation_changes_nothing()
    {
        using var fixture = new TrainingFixture();
        var method = new LoraOptions { Rank = 4, Dropout = 0.2f };

        await TrainingFixture.Run(fixture.Trainer("kept", method: method));
        await TrainingFixture.Run(fixture.Trainer("again", TrainingFixture.Options with { Recompute = true }, method));

        Assert.Equal(fixture.Bytes("kept"), fixture.Bytes("again"));
    }

    [Fact]
    public async Task One_thread_and_two_give_the_same_bytes()
    {
        using var fixture = new TrainingFixture();

        await TrainingFixture.Run(fixture.Trainer("one", threads: 1));
        await TrainingFixture.Run(fixture.Trainer("two", threads: 2));

        Assert.Equal(fixture.Bytes("one"), fixture.Bytes("two"));
        Assert.Equal(fixture.Log("one"), fixture.Log("two"));
    }

    [Fact]
    public async Task Another_seed_gives_another_run()
    {
        using var fixture = new TrainingFixture();

        await TrainingFixture.Run(fixture.Trainer("one"));
        await TrainingFixture.Run(fixture.Trainer("other", TrainingFixture.Options with { Seed = 2 }));

        Assert.NotEqual(fixture.Bytes("one"), fixture.Bytes("other"));
    }

    [Fact]
    public void The_loss_of_packed_examples_is_the_weighted_mean_of_their_own()
    {
        using var fixture = new TrainingFixture();
        var (model, _) = fixture.Model();
        var packed = fixture.Data(packing: true).Train;
        Assert.True(packed.Count < 24 && packed[0].Examples.Count > 1);
        using var off = Gradients.Off();
        double Loss(MicroBatch part)
        {
            using var scope = TensorScope.Begin();
            return model.Loss(model.Forward(part.Tokens, ForwardContext.Sequences([.. part.Lengths])), [.. part.Targets], 1f).Item();
        }

        foreach (var sequence in packed)
        {
            double together = Loss(new MicroBatch([sequence]));
            double apart = sequence.Examples.Sum(example => Loss(new MicroBatch([new Sequence([example])])));

            Assert.Equal(apart, together, Tolerances.Loss * Math.Max(1, apart));
        }
    }

    [Fact]
    public async Task The_norm_of_clipped_gradients_is_told_as_it_was_before()
    {
        using var fixture = new TrainingFixture();
        var options = TrainingFixture.Options with { Steps = 1, WarmupSteps = 0 };

        var free = await TrainingFixture.Run(fixture.Trainer("free", options with { MaxGradNorm = 0 }));
        var clipped = await TrainingFixture.Run(fixture.Trainer("clipped", options with { MaxGradNorm = 1e-3 }));

        Assert.Equal(free[0].GradNorm, clipped[0].GradNorm);
        Assert.True(free[0].GradNorm > 1e-3);
    }

    [Fact]
    public async Task A_loss_that_is_not_finite_stops_the_run_with_step_tensor_and_records()
    {
        using var fixture = new TrainingFixture(records: 4);
        var options = TrainingFixture.Options with { LearningRate = 0.9, WeightDecay = 1e38, BatchSize = 2, WarmupSteps = 0, SaveEvery = 1 };
        var trainer = fixture.Trainer("run", options, data: fixture.Data());

        var thrown = await Assert.ThrowsAsync<TrainingException>(() => TrainingFixture.Run(trainer));

        Assert.Matches(@"^step 2: the loss is not a number\.
  tensor   model\.layers\.0\.self_attn\.q_proj\.lora_A\.weight
  records  \S*records\.jsonl, line \d; \S*records\.jsonl, line \d
  fix      lower learning_rate or raise warmup_steps, and look at these records; the last good state is \S*step-1$", thrown.Message);
    }

    [Fact]
    public async Task A_validation_loss_that_is_not_finite_stops_the_run_too()
    {
        using var fixture = new TrainingFixture();
        var trainer = fixture.Trainer("run", TrainingFixture.Options with { Steps = 1, LearningRate = 0.9, WeightDecay = 1e38, WarmupSteps = 0 });

        var thrown = await Assert.ThrowsAsync<TrainingException>(() => TrainingFixture.Run(trainer));

        Assert.StartsWith("step 1: the validation loss is not a number.", thrown.Message, StringComparison.Ordinal);
        Assert.EndsWith("no checkpoint was written yet", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_wrong_options_are_said_together_by_their_keys()
    {
        using var fixture = new TrainingFixture();
        var options = new TrainingOptions
        {
            Steps = 0, BatchSize = 10, MicroBatchSize = 4, LearningRate = 0, Schedule = "cosin", WarmupSteps = 3, WarmupRatio = 0.1,
            Betas = [0.9], Epsilon = 0, MaxGradNorm = -1, Optimizer = "sgd", WeightDecay = double.NaN, EvaluateEvery = 0, SaveEvery = 0, Keep = 0,
        };

        var thrown = Assert.Throws<OptionsException>(() => fixture.Trainer("run", options));

        Assert.Equal(
        [
            "steps: must be 1 or more, got 0.",
            "batch_size: 10 is not a multiple of micro_batch_size 4.",
            "learning_rate: must lie between 0 and 1, got 0.",
            "schedule: 'cosin' is not one of cosine, linear, constant. Did you mean 'cosine'?",
            "warmup_steps: give either this or warmup_ratio, not both.",
            "warmup_steps: 3 leaves no step of the 0 at the full learning rate.",
            "optimizer: 'sgd' is not one of adamw, adamw-8bit, adamw-host, adamw-paged.",
            "weight_decay: must be 0 or more, got NaN.",
            "betas: must be two numbers from 0 to below 1, got [0.9].",
            "epsilon: must be a positive number, got 0.",
            "max_grad_norm: must be 0 or more, got -1.",
            "evaluate_every: must be 1 or more, got 0.",
            "save_every: must be 1 or more, got 0.",
            "keep: must be 1 or more, got 0.",
        ], thrown.Problems);
    }
}
