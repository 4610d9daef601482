using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Tests.Planning;

/// <summary>Memory of real training steps.</summary>
internal static class Measured
{
    public const int Length = 128;

    /// <summary>Small enough to train in a test, large enough that whole cache lines are no matter.</summary>
    public static readonly LlamaConfig Shape = new()
    {
        HiddenSize = 192,
        Layers = 4,
        Heads = 6,
        KeyValueHeads = 2,
        HeadSize = 32,
        IntermediateSize = 512,
        VocabularySize = 1_000,
        ContextLength = 512,
    };

    /// <summary>The most that the pool held in two steps, over a base that lies in a mapped file.</summary>
    public static long MostBytes(LlamaConfig shape, PeftOptions options, bool recompute, int length = Length, string optimizer = "adamw")
    {
        using var folder = TestData.Folder();
        RandomModel.Write(folder.Path, shape);
        using var device = new CpuBackend(2);
        using var weights = Checkpoint.Open(folder.Path, device);
        Train(new LlamaModel(shape, weights, device), options, recompute, length, new TrainingOptions { Optimizer = optimizer }, folder.Path);
        return device.MostMemoryBytes;
    }

    private static void Train(LlamaModel model, PeftOptions options, bool recompute, int length, TrainingOptions training, string folder)
    {
        var adapter = options.Attach(model, seed: 1);
        using var optimizer = new AdamW(adapter, training, folder);
        int[] tokens = [.. Enumerable.Range(0, length).Select(i => i * 31 % model.Config.VocabularySize)];
        for (int step = 1; step <= 2; step++)
        {
            using (TensorScope.Begin())
                model.Loss(model.Forward(tokens, ForwardContext.Sequences([length], training: true, seed: 1, recompute)), tokens, 1f / length).Backward();
            optimizer.Step(step, 1e-4, 1);
        }
    }
}
