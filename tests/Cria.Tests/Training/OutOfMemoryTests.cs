using Cria.Data;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Tests.Training;

public class OutOfMemoryTests
{
    private const int Batch = 512;

    [Fact]
    public async Task A_run_whose_card_is_full_says_what_held_it_and_goes_on_with_less_a_step()
    {
        Assert.SkipUnless(TestBackend.IsCard, "Needs a card: CRIA_TEST_DEVICE=cuda.");
        using var fixture = new TrainingFixture();
        Write(fixture, first: 3, second: 40);
        var options = TrainingFixture.Options with { Steps = 2, BatchSize = Batch, MicroBatchSize = Batch, WarmupSteps = 0, SaveEvery = 100, Keep = 2 };
        string run = Path.Combine(fixture.Folder, "run");

        var failure = await Assert.ThrowsAsync<TrainingException>(() => RunAsync(fixture, RunFolder.Create(run), options, resume: false, moreBytes: 1 << 20));

        Assert.Contains($"step 2, {Batch} sequences at once: cuda:{TestBackend.Index}: its memory ran out.", failure.Message, StringComparison.Ordinal);
        Assert.Matches("held here  [0-9,]+ MiB by weights, states and caches, [1-9][0-9,]* MiB by activations", failure.Message);
        Assert.Contains(Path.Combine(run, "checkpoints", "step-1"), failure.Message, StringComparison.Ordinal);
        Assert.Contains($"cria train --resume {run} train.micro_batch_size={Batch / 2} train.recompute=true", failure.Message, StringComparison.Ordinal);
        var steps = await RunAsync(fixture, RunFolder.Open(run), options with { MicroBatchSize = 8, Recompute = true }, resume: true, moreBytes: 1 << 30);
        Assert.Equal([2], steps.Select(step => step.Step));
    }

    private static void Write(TrainingFixture fixture, int first, int second) => File.WriteAllLines(fixture.Records, Enumerable.Range(0, 2 * Batch).Select(i =>
    {
        string ids = string.Join(',', Enumerable.Range(0, i < Batch ? first : second).Select(place => (i + 7 * place) % 32));
        return $$"""{"input_ids":[{{ids}}],"labels":[{{ids}}]}""";
    }));

    private static async Task<List<TrainingStep>> RunAsync(TrainingFixture fixture, RunFolder folder, TrainingOptions options, bool resume, long moreBytes)
    {
        var (model, source) = fixture.Model();
        var adapter = new LoraOptions { Rank = 4 }.Attach(model, 1);
        using var trainer = new Trainer(model, source, adapter, fixture.Data(), options, folder, shuffle: false);
        if (resume)
            trainer.Resume();
        var card = (CudaBackend)model.Device;
        var steps = new List<TrainingStep>();
        await foreach (var step in trainer.RunAsync(TestContext.Current.CancellationToken))
        {
            steps.Add(step);
            card.LimitMemory(card.MemoryBytes + moreBytes);
        }
        return steps;
    }
}
