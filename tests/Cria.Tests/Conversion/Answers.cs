using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Conversion;

/// <summary>What a model on disk answers: logits and greedy tokens.</summary>
internal static class Answers
{
    /// <summary>Logits of every row of some token sequences, one after another.</summary>
    public static float[] Logits(string path, params IReadOnlyCollection<int[]> sequences)
    {
        using var device = new CpuBackend(threads: 2);
        using var checkpoint = Checkpoint.Open(path, device);
        return Logits(new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, device), sequences);
    }

    public static float[] Logits(LlamaModel model, params IReadOnlyCollection<int[]> sequences)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        var hidden = model.Forward([.. sequences.SelectMany(ids => ids)], ForwardContext.Sequences([.. sequences.Select(ids => ids.Length)]));
        return model.Logits(hidden).Floats().ToArray();
    }

    /// <summary>Throws unless the tokens are the most likely ones after the prompt, or as good as that where two are nearly alike.</summary>
    /// <param name="model">Our model.</param>
    /// <param name="prompt">What stands before.</param>
    /// <param name="found">What another program went on with.</param>
    /// <param name="tie">How far a logit may be below the largest.</param>
    public static void AreGreedy(LlamaModel model, int[] prompt, int[] found, float tie)
    {
        int columns = model.Config.VocabularySize;
        var logits = Logits(model, [[.. prompt, .. found]]);
        for (int i = 0; i < found.Length; i++)
        {
            var row = logits.AsSpan((prompt.Length + i - 1) * columns, columns);
            float best = System.Numerics.Tensors.TensorPrimitives.Max<float>(row);
            Assert.True(row[found[i]] >= best - tie, $"token {i}, {found[i]}, is {best - row[found[i]]:g3} below the best.");
        }
    }
}
