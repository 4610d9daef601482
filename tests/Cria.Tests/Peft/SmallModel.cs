using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.Peft;

/// <summary>A random model of two layers, a text for it, and the shortest training loop.</summary>
internal static class SmallModel
{
    public static readonly LlamaConfig Shape = new()
    {
        HiddenSize = 64,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 16,
        IntermediateSize = 128,
        VocabularySize = 96,
        ContextLength = 64,
    };

    // The same with rows of one block where blocks are wide.
    private static readonly LlamaConfig WideShape = Shape with { HiddenSize = 256, HeadSize = 64, IntermediateSize = 256 };

    public static readonly int[] Tokens = [.. Enumerable.Range(0, 24).Select(i => i * 31 % 96)];

    public static LlamaModel Make(Backend device, string type = "f32")
    {
        var stored = DataType.Parse(type)!;
        var shape = Shape.HiddenSize % stored.BlockLength == 0 ? Shape : WideShape;
        var weights = new RandomCheckpoint(shape, device, DataType.F32, seed: 3);
        return new LlamaModel(shape, weights, device, stored);
    }

    /// <summary>The logits of the text.</summary>
    public static float[] Logits(LlamaModel model)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        return model.Logits(model.Forward(Tokens, ForwardContext.Sequences(Tokens.Length))).ToArray();
    }

    /// <summary>Steps of AdamW on the text; the loss before each.</summary>
    public static List<float> Train(LlamaModel model, Adapter adapter, int steps)
    {
        var losses = new List<float>();
        var moments = adapter.Trained.Select(parameter => (model.Device.Zeros(parameter.Value.Shape), model.Device.Zeros(parameter.Value.Shape))).ToList();
        for (int step = 1; step <= steps; step++)
        {
            using var scope = TensorScope.Begin();
            var context = ForwardContext.Sequences([Tokens.Length], training: true, seed: (ulong)step, recompute: false);
            var loss = model.Loss(model.Forward(Tokens, context), [.. Tokens.Skip(1), -100], 1f / (Tokens.Length - 1));
            loss.Backward();
            losses.Add(loss.Item());
            for (int i = 0; i < moments.Count; i++)
            {
                var tensor = adapter.Trained[i].Value;
                model.Device.AdamW(tensor, tensor.Gradient!, moments[i].Item1, moments[i].Item2, new AdamWOptions { LearningRate = 1e-2 }, step);
                tensor.ZeroGradient();
            }
        }
        return losses;
    }
}
