using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>AdamW over everything that is trained.</summary>
/// <remarks>The formula stands at <see cref="Backend.AdamW(Tensor, Tensor, Tensor, Tensor, in AdamWOptions, int, float)"/>.</remarks>
internal sealed class AdamW : IDisposable
{
    private readonly TrainingOptions options;
    private readonly PeftOptions peft;
    private readonly IReadOnlyList<Parameter> trained;
    private readonly bool[] moves;

    /// <param name="adapter">What is trained.</param>
    /// <param name="options">The settings.</param>
    /// <param name="folder">Where pages may be kept.</param>
    public AdamW(Adapter adapter, TrainingOptions options, string folder)
        : this(adapter, options, Moments.Create(options.Optimizer, adapter.Trained, folder))
    {
    }

    /// <param name="adapter">What is trained.</param>
    /// <param name="options">The settings.</param>
    /// <param name="moments">Of what is trained, in its order; disposed with this.</param>
    public AdamW(Adapter adapter, TrainingOptions options, Moments moments) =>
        (this.options, peft, trained, Moments, this.moves) = (options, adapter.Options, adapter.Trained, moments, [.. Enumerable.Repeat(true, adapter.Trained.Count)]);

    /// <summary>Two numbers for each trained one.</summary>
    public Moments Moments { get; }

    /// <summary>Says what kind of batch comes: only the tensors that it moves get gradients, and only they are touched by the next step.</summary>
    public void Begin(bool showsImages)
    {
        for (int i = 0; i < trained.Count; i++)
            trained[i].Value.RequiresGradient = moves[i] = peft.Moves(trained[i], showsImages);
    }

    /// <summary>The norm of all gradients together.</summary>
    public double GradientNorm()
    {
        List<Tensor> gradients = [.. Gradients()];
        return gradients.Count == 0 ? 0 : Math.Sqrt(gradients[0].Device.SumOfSquares(gradients));
    }

    /// <summary>Moves every number once, its gradient scaled, and sets the gradients back to zero.</summary>
    /// <param name="step">1 for the first that moves these tensors.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="gradientScale">Below 1 where the gradients are clipped.</param>
    public void Step(int step, double learningRate, double gradientScale)
    {
        var moving = Enumerable.Range(0, trained.Count).Where(i => moves[i] && trained[i].Value.Gradient is not null);
        foreach (var alike in moving.GroupBy(i => Settings(trained[i], learningRate)))
        {
            Moments.Use([.. alike], states => trained[states[0].Index].Value.Device.AdamW(
                [.. states.Select(one => (trained[one.Index].Value, trained[one.Index].Value.Gradient!, one.Mean, one.Square))], alike.Key, step, (float)gradientScale));
        }
        ZeroGradients();
    }

    public void ZeroGradients()
    {
        foreach (var parameter in trained)
            parameter.Value.ZeroGradient();
    }

    public void Dispose()
    {
        foreach (var parameter in trained)
            parameter.Value.RequiresGradient = true;
        Moments.Dispose();
    }

    // A method may let some tensors move faster than others.
    private AdamWOptions Settings(Parameter parameter, double learningRate) => new()
    {
        LearningRate = learningRate * peft.LearningRateFactor(parameter),
        Beta1 = options.Betas[0],
        Beta2 = options.Betas[1],
        Epsilon = options.Epsilon,
        WeightDecay = options.WeightDecay,
    };

    private IEnumerable<Tensor> Gradients() => trained.Select(parameter => parameter.Value.Gradient).OfType<Tensor>();
}
