using Cria.Checkpoints;
using Cria.Data;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tokenizers;
using Cria.Training;

namespace Cria.Tests.Training;

/// <summary>A tiny random model, a file of token records and a run folder, all gone at the end of a test.</summary>
internal sealed class TrainingFixture : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();
    private readonly List<IDisposable> open = [];

    public TrainingFixture(int records = 24, int seed = 1)
    {
        var random = new RandomSource((ulong)seed);
        File.WriteAllLines(Records, Enumerable.Range(0, records).Select(_ =>
        {
            int[] ids = new int[3 + random.NextInt(12)];
            for (int i = 0; i < ids.Length; i++)
                ids[i] = random.NextInt(32);
            return $$"""{"input_ids":[{{string.Join(',', ids)}}],"labels":[{{string.Join(',', ids.Select((id, i) => i < 2 ? -100 : id))}}]}""";
        }));
    }

    /// <summary>Gives the first records an image each, where there is one.</summary>
    public void Show(int count, Func<int, string, string?> image) => File.WriteAllLines(Records, File.ReadAllLines(Records).Take(count).Select((line, i) =>
        image(i, line) is { } shown ? $"{line[..^1]},\"image\":\"{shown}\"}}" : line).ToList());

    public string Records => folder.File("records.jsonl");

    public string Folder => folder.Path;

    public static TrainingOptions Options => new()
    {
        Steps = 6, BatchSize = 4, MicroBatchSize = 2, LearningRate = 1e-2, WarmupSteps = 1, SaveEvery = 2, EvaluateEvery = 3, Keep = 2,
    };

    public TrainingData Data(bool packing = false, string? validation = null) => TrainingData.Load(
        new DataOptions { Train = Records, MaxLength = 40, Packing = packing, Validation = validation }, ChatTemplate.None, null, 320, 128, seed: 1);

    /// <summary>A trainer over its own copy of the model.</summary>
    public Trainer Trainer(string run, TrainingOptions? options = null, PeftOptions? method = null, TrainingData? data = null, int threads = 1, bool resume = false)
    {
        options ??= Options;
        var (model, source) = Model(threads);
        var adapter = (method ?? new LoraOptions { Rank = 4 }).Attach(model, (ulong)options.Seed);
        string path = folder.File(run);
        var trainer = new Trainer(model, source, adapter, data ?? Data(validation: "0.2"), options, resume ? RunFolder.Open(path) : RunFolder.Create(path));
        open.Add(trainer);
        if (resume)
            trainer.Resume();
        return trainer;
    }

    public (LlamaModel Model, Checkpoint Source) Model(int threads = 1)
    {
        var device = TestBackend.Make(threads);
        var source = Checkpoint.Open(TestData.Fixture("golden/llama2-gqa"), device);
        open.Add(source);
        open.Add(device);
        return (new LlamaModel(LlamaConfig.Read(source), source, device), source);
    }

    /// <summary>A file of a run.</summary>
    public byte[] Bytes(string run, string name = HuggingFaceAdapter.WeightsFile) => File.ReadAllBytes(Path.Combine(folder.File(run), name));

    /// <summary>The log without what depends on the machine.</summary>
    public string[] Log(string run) => [.. File.ReadAllLines(Path.Combine(folder.File(run), "log.jsonl")).Select(line =>
    {
        var json = System.Text.Json.Nodes.JsonNode.Parse(line)!.AsObject();
        json.Remove("tokens_per_second");
        json.Remove("memory_bytes");
        return json.ToJsonString();
    })];

    public static async Task<List<TrainingStep>> Run(Trainer trainer)
    {
        var steps = new List<TrainingStep>();
        await foreach (var step in trainer.RunAsync(TestContext.Current.CancellationToken))
            steps.Add(step);
        return steps;
    }

    /// <summary>Ends what the trainers so far hold, as the end of their process would.</summary>
    public void Close()
    {
        foreach (var thing in open)
            thing.Dispose();
        open.Clear();
    }

    public void Dispose()
    {
        Close();
        folder.Dispose();
    }
}
