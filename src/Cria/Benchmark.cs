using System.Diagnostics;
using Cria.Generation;
using Cria.Models;
using Cria.Peft;
using Cria.Planning;
using Cria.Tensors;
using Cria.Training;

namespace Cria;

/// <summary>Measures a model: reading a prompt, generating, and a training step.</summary>
/// <param name="model">The model, with no adapter attached.</param>
/// <param name="options">What to measure.</param>
public sealed class Benchmark(LlamaModel model, BenchmarkOptions options)
{
    private readonly int[] tokens = [.. Enumerable.Range(0, Math.Max(Math.Max(options.Prompt, options.Depth + options.Generate), options.TrainSequences * options.TrainLength) + 1)
        .Select(i => (int)(RandomSource.Mix(1, (ulong)i) % (ulong)model.Config.VocabularySize))];

    // N without the embedding, from which only single rows are read; a tied head is counted, since it is multiplied with.
    private readonly long weightCount = model.Config.ParameterCount - (model.Config.TiedHead ? 0 : (long)model.Config.VocabularySize * model.Config.HiddenSize);

    // Counted while no adapter stands before the weights.
    private readonly double weightBytes = model.Parameters.Where(parameter => parameter != model.Embedding || model.Config.TiedHead)
        .Sum(parameter => (double)parameter.Value.Type.BytesRead(parameter.Value.Shape));

    /// <summary>The optimizers that can be measured: those that keep no file.</summary>
    public static IReadOnlyList<string> Optimizers { get; } = [.. Moments.Kinds.Where(kind => kind != Moments.Paged)];

    /// <summary>Runs the tests one after another.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled. It is looked at before each pass.</exception>
    public IEnumerable<BenchmarkResult> Run(CancellationToken stop = default)
    {
        if (options.Prompt > 0)
            yield return Prefill(stop);
        if (options.Generate > 0)
            yield return Decode(Generating, stop);
        foreach (var method in options.Generate > 0 ? options.Methods : [])
            yield return With(method.Options, _ => Decode($"{Generating} {method.Name}", stop));
        string train = $"train{options.TrainSequences}x{options.TrainLength}";
        if (options.Train)
            yield return With(new LoraOptions { Rank = options.TrainRank }, lora => Train(train, lora, stop));
        foreach (var method in options.Train ? options.Methods : [])
            yield return With(method.Options, adapter => Train($"{train} {method.Name}", adapter, stop));
    }

    private string Generating =>
        $"tg{options.Generate}{(options.Depth > 0 ? $"@{options.Depth}" : "")}{(options.Sequences > 1 ? $"x{options.Sequences}" : "")}";

    private BenchmarkResult With(PeftOptions method, Func<Adapter, BenchmarkResult> measure)
    {
        var adapter = method.Attach(model, seed: 1);
        try
        {
            return measure(adapter);
        }
        finally
        {
            adapter.Detach();
        }
    }

    // The head is only needed for the last token of a prompt: it is not counted.
    private BenchmarkResult Prefill(CancellationToken stop)
    {
        int[] prompt = tokens[..options.Prompt];
        long body = weightCount - (long)model.Config.VocabularySize * model.Config.HiddenSize;
        return Measure($"pp{prompt.Length}", prompt.Length, 2.0 * body, 0, prepare: () => { }, () =>
        {
            using var off = Gradients.Off();
            using var scope = TensorScope.Begin();
            var hidden = model.Forward(prompt, ForwardContext.Sequences(prompt.Length));
            model.Logits(hidden, prompt.Length - 1, 1);
        }, stop);
    }

    // As a user would generate: each token is chosen before the next one is begun. Which one comes next is given, so that runs are alike.
    private BenchmarkResult Decode(string test, CancellationToken stop)
    {
        var samplers = Enumerable.Range(0, options.Sequences).Select(_ => new Sampler(options.Sampling)).ToArray();
        using var passes = new CachedPasses(model, samplers.Length, options.Depth + options.Generate) { Samplers = samplers };
        return Measure(test, options.Generate * samplers.Length, 2.0 * weightCount, weightBytes / samplers.Length, () => Fill(passes.Cache), () =>
        {
            for (int i = 0; i < options.Generate; i++)
            {
                stop.ThrowIfCancellationRequested();
                var outlooks = passes.Step([.. samplers.Select((_, sequence) => (sequence, tokens[options.Depth + i]))]);
                for (int sequence = 0; sequence < samplers.Length; sequence++)
                    samplers[sequence].Next(outlooks[sequence]);
            }
        }, stop);
    }

    // Every sequence begins with the same tokens.
    private void Fill(KeyValueCache cache)
    {
        using var off = Gradients.Off();
        for (int sequence = 0; sequence < options.Sequences; sequence++)
        {
            cache.Truncate(sequence, 0);
            if (options.Depth == 0)
                continue;
            using var scope = TensorScope.Begin();
            model.Forward(tokens[..options.Depth], cache.Continue((sequence, options.Depth)));
        }
    }

    private BenchmarkResult Train(string test, Adapter adapter, CancellationToken stop)
    {
        int count = options.TrainSequences * options.TrainLength;
        int[] lengths = [.. Enumerable.Repeat(options.TrainLength, options.TrainSequences)];
        int[] targets = tokens[1..(count + 1)];
        using var moments = Moments.Create(options.Optimizer, adapter.Trained, folder: "");
        using var steps = new MicroSteps(model, adapter.Trained);
        int step = 0;
        Step();         // what comes a second time is recorded: that is no measured step either
        return Measure(test, count, FlopOf(adapter) / count, 0, prepare: () => { }, Step, stop);

        void Step()
        {
            var context = ForwardContext.Sequences(lengths, training: true, seed: 1, options.Recompute, options.HostActivations);
            steps.AddGradients(tokens[..count], targets, context, 1f / count);
            step++;
            moments.Use([.. Enumerable.Range(0, adapter.Trained.Count)], states => model.Device.AdamW(
                [.. states.Select(one => (adapter.Trained[one.Index].Value, adapter.Trained[one.Index].Value.Gradient!, one.Mean, one.Square))], new AdamWOptions { LearningRate = 1e-4 }, step));
            foreach (var parameter in adapter.Trained)
                parameter.Value.ZeroGradient();
        }
    }

    // LoRA: forward 2 N and the input's gradient 2 N, as the frozen base has no weight gradient, and its own products are small. Others by what they do.
    private double FlopOf(Adapter adapter) => adapter.Options is LoraOptions
        ? 4.0 * weightCount * options.TrainSequences * options.TrainLength
        : new Planner(model.Config, new TrainingOptions()).Plan(adapter.Options, options.TrainSequences, options.TrainLength).Flop;

    private BenchmarkResult Measure(string test, int tokensPerRun, double flopPerToken, double bytesPerToken, Action prepare, Action run, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        prepare();
        run();
        model.Device.Synchronize();
        var speeds = new List<double>();
        var resident = new List<long>();
        for (int i = 0; i < options.Repeat; i++)
        {
            stop.ThrowIfCancellationRequested();
            options.BeforeEach?.Invoke();
            prepare();
            model.Device.Synchronize();
            long start = Stopwatch.GetTimestamp();
            run();
            model.Device.Synchronize();
            speeds.Add(tokensPerRun / Stopwatch.GetElapsedTime(start).TotalSeconds);
            resident.Add(model.Device == model.Device.Host ? Environment.WorkingSet : model.Device.MostMemoryBytes);
        }
        speeds.Sort();
        return new BenchmarkResult(test, speeds, flopPerToken, bytesPerToken, resident);
    }
}
