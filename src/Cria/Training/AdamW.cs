using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>AdamW over everything that is trained, with the two moments of each number.</summary>
/// <remarks>The formula stands at <see cref="Backend.AdamW"/>.</remarks>
internal sealed class AdamW
{
    private readonly TrainingOptions options;
    private readonly PeftOptions peft;
    private readonly List<(Parameter Parameter, Tensor Mean, Tensor Square)> state = [];

    public AdamW(Adapter adapter, TrainingOptions options)
    {
        (this.options, peft) = (options, adapter.Options);
        foreach (var parameter in adapter.Trained)
        {
            var (device, shape) = (parameter.Value.Device, parameter.Value.Shape);
            state.Add((parameter, device.Zeros(shape), device.Zeros(shape)));
        }
    }

    /// <summary>The moments, by the names that a checkpoint gives them.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Moments => state.SelectMany(one => new[]
    {
        KeyValuePair.Create($"{one.Parameter.Name}.mean", one.Mean),
        KeyValuePair.Create($"{one.Parameter.Name}.square", one.Square),
    });

    /// <summary>The norm of all gradients together.</summary>
    public double GradientNorm() => Math.Sqrt(Gradients().Sum(gradient => gradient.Device.SumOfSquares(gradient)));

    /// <summary>Moves every number once, its gradient scaled, and sets the gradients back to zero.</summary>
    /// <param name="step">1 for the first.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="gradientScale">Below 1 where the gradients are clipped.</param>
    public void Step(int step, double learningRate, double gradientScale)
    {
        var settings = new AdamWOptions
        {
            LearningRate = learningRate,
            Beta1 = options.Betas[0],
            Beta2 = options.Betas[1],
            Epsilon = options.Epsilon,
            WeightDecay = options.WeightDecay,
        };
        foreach (var (parameter, mean, square) in state)
        {
            if (parameter.Value.Gradient is { } gradient)
                gradient.Device.AdamW(parameter.Value, gradient, mean, square, Own(settings, parameter), step, (float)gradientScale);
        }
        ZeroGradients();
    }

    // A method may let some tensors move faster than others.
    private AdamWOptions Own(AdamWOptions settings, Parameter parameter) =>
        settings with { LearningRate = settings.LearningRate * peft.LearningRateFactor(parameter) };

    public void ZeroGradients()
    {
        foreach (var (parameter, _, _) in state)
            parameter.Value.ZeroGradient();
    }

    /// <summary>Takes the moments from a checkpoint.</summary>
    public void Restore(Checkpoint checkpoint)
    {
        foreach (var (name, moment) in Moments)
            new WeightScope(checkpoint, "").Get(name, moment.Shape, "what is trained").Floats().CopyTo(moment.Floats());
    }

    private IEnumerable<Tensor> Gradients() => state.Select(one => one.Parameter.Value.Gradient).OfType<Tensor>();
}
