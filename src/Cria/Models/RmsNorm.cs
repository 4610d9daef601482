using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Models;

/// <summary>y = x / √(mean(x²) + ε) · w, over the numbers of each row.</summary>
public sealed class RmsNorm(WeightScope weights, int size, float epsilon)
{
    /// <summary>w (size), always in f32: it is tiny, and every number of the model passes through it.</summary>
    public Parameter Weight { get; } =
        new($"{weights.Path}.weight", weights.Get("weight", new Shape(size), $"{weights.File.ConfigName} (hidden_size {size})").To(DataType.F32));

    /// <summary>From x (N, size) to the same shape.</summary>
    public Tensor Forward(Tensor x) => x.RmsNorm(Weight.Value, epsilon);
}
