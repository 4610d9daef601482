using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>A method attached to a model: what it trains, and the switch that turns it off.</summary>
/// <remarks>Switched off, the model computes the base's output bit for bit.</remarks>
public sealed class Adapter(PeftOptions options)
{
    private readonly List<Parameter> trained = [];
    private readonly List<Action> undo = [];

    /// <summary>The settings it was made with.</summary>
    public PeftOptions Options { get; } = options;

    /// <summary>Every trained tensor, by its name in the adapter's file, in a fixed order.</summary>
    public IReadOnlyList<Parameter> Trained => trained;

    /// <summary>How many numbers are trained.</summary>
    public long TrainedCount => trained.Sum(parameter => parameter.Value.Shape.Length);

    /// <summary>Whether the adapter takes part in forward passes.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>A factor on what the adapter adds: 1 as trained, 0.5 half of it.</summary>
    public float Scale { get; set; } = 1;

    /// <summary>Takes the adapter out of the model, which is then the base again.</summary>
    public void Detach()
    {
        for (int i = undo.Count - 1; i >= 0; i--)
            undo[i]();
        undo.Clear();
    }

    /// <summary>Names a tensor as trained.</summary>
    internal Parameter Train(string name, Tensor value) => Train(new Parameter(name, value));

    /// <summary>Names a tensor of the model itself as trained.</summary>
    internal Parameter Train(Parameter parameter)
    {
        parameter.Value.RequiresGradient = true;
        trained.Add(parameter);
        return parameter;
    }

    /// <summary>Says what <see cref="Detach"/> must do.</summary>
    internal void OnDetach(Action action) => undo.Add(action);
}
