using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>A method attached to a model: what it trains, and the switch that turns it off.</summary>
/// <remarks>Switched off, the model computes the base's output bit for bit.</remarks>
public sealed class Adapter(PeftOptions options)
{
    private readonly List<Parameter> trained = [];
    private readonly List<Action> undo = [];
    private readonly List<Replacement> replaced = [];
    private readonly List<IEmbeddingExtra> embeddings = [];
    private readonly List<LoraLinear> loras = [];
    private bool enabled = true;
    private float scale = 1;

    /// <summary>The settings it was made with.</summary>
    public PeftOptions Options { get; } = options;

    /// <summary>Every trained tensor, by its name in the adapter's file, in a fixed order.</summary>
    public IReadOnlyList<Parameter> Trained => trained;

    /// <summary>How many numbers are trained.</summary>
    public long TrainedCount => trained.Sum(parameter => parameter.Value.Shape.Length);

    /// <summary>Whether the adapter takes part in forward passes.</summary>
    public bool Enabled
    {
        get => enabled;
        set
        {
            enabled = value;
            Switch();
        }
    }

    /// <summary>A factor on what the adapter adds: 1 as trained, 0.5 half of it.</summary>
    public float Scale
    {
        get => scale;
        set
        {
            scale = value;
            Switch();
        }
    }

    /// <summary>What had to be assumed when it was read from a file that does not say all, or null.</summary>
    public string? Note { get; internal set; }

    /// <summary>Whether it sees what sequences show (<see cref="ForwardContext.Images"/>).</summary>
    public bool ReadsImages { get; private init; }

    /// <summary>D, the numbers of a head of the base; 0 where it is not known.</summary>
    internal int HeadSize { get; init; }

    /// <summary>An adapter whose parts are attached one by one; where one cannot be, those before it are taken out again.</summary>
    internal static Adapter Of(PeftOptions options, LlamaModel model, Action<Adapter> attach)
    {
        var adapter = new Adapter(options) { HeadSize = model.Config.HeadSize, ReadsImages = options.Images(model.Config) is not null };
        try
        {
            attach(adapter);
            return adapter;
        }
        catch
        {
            adapter.Detach();
            throw;
        }
    }

    /// <summary>Takes the adapter out of the model, which is then the base again.</summary>
    public void Detach()
    {
        for (int i = undo.Count - 1; i >= 0; i--)
            undo[i]();
        undo.Clear();
        replaced.Clear();
    }

    /// <summary>Names a tensor as trained: it gets a gradient, a place in the optimizer and one in the file.</summary>
    /// <param name="name">Its name in the adapter's file, after peft's prefix <c>base_model.model.</c>.</param>
    /// <param name="value">f32; outside of any <see cref="TensorScope"/>.</param>
    public Parameter Train(string name, Tensor value) => Train(new Parameter(name, value));

    /// <summary>Names a tensor as trained.</summary>
    internal Parameter Train(Parameter parameter)
    {
        parameter.Value.RequiresGradient = true;
        trained.Add(parameter);
        return parameter;
    }

    /// <summary>Trains a tensor of the model itself, as an f32 copy that stands in its place while the adapter is on.</summary>
    internal void TrainCopyOf(Parameter original, Backend device)
    {
        CheckFree(original);
        var copy = Train(new Parameter(original.Name, Copy(original.Value, device))).Value;
        Stand(new Replacement(original, original.Value, copy, IsTrained: true));
    }

    /// <summary>Adds a part to a model's embedding.</summary>
    internal void Extend(LlamaModel model, IEmbeddingExtra extra)
    {
        model.EmbeddingExtras.Add(extra);
        embeddings.Add(extra);
        undo.Add(() => model.EmbeddingExtras.Remove(extra));
    }

    /// <summary>Puts a LoRA around the layer in a slot.</summary>
    internal void Wrap(LinearSlot slot, LoraLinear lora)
    {
        slot.Replace(lora);
        loras.Add(lora);
        undo.Add(() => lora.RemoveFrom(slot));
    }

    /// <summary>This adapter's LoRA layers.</summary>
    internal IReadOnlyList<LoraLinear> Loras => loras;

    /// <summary>This adapter's parts of the embedding.</summary>
    internal IReadOnlyCollection<IEmbeddingExtra> Embeddings => embeddings;

    /// <summary>Puts another frozen tensor in the place of one of the model's while the adapter is on.</summary>
    internal void Replace(Parameter original, Tensor value) => Stand(new Replacement(original, original.Value, value, IsTrained: false));

    /// <summary>The base's own tensors that trained copies stand in for.</summary>
    internal IReadOnlyList<Replacement> Replaced => replaced;

    /// <summary>Says what <see cref="Detach"/> must do.</summary>
    public void OnDetach(Action action) => undo.Add(action);

    // Two that stand in one place could not be switched or taken out apart from each other.
    private void CheckFree(Parameter parameter)
    {
        if (parameter.Claim is { } other)
            throw new OptionsException([$"{Options.Method}: {parameter.Name} belongs to another adapter of this model already ({other}): detach that one first."]);
    }

    private void Stand(Replacement replacement)
    {
        CheckFree(replacement.Parameter);
        (replacement.Parameter.Value, replacement.Parameter.Claim) = (replacement.Standing, Options.Method);
        replaced.Add(replacement);
        undo.Add(() => (replacement.Parameter.Value, replacement.Parameter.Claim) = (replacement.Base, null));
    }

    private void Switch()
    {
        using var off = Gradients.Off();
        foreach (var one in replaced)
            one.Parameter.Value = !enabled ? one.Base : scale == 1 || !one.IsTrained ? one.Standing : one.Base.To(DataType.F32) * (1 - scale) + one.Standing * scale;
    }

    private static Tensor Copy(Tensor from, Backend device)
    {
        if (from.Type != DataType.F32)
            return from.To(DataType.F32);
        var copy = device.Empty(from.Shape);
        device.CopyRows(from, 0, copy, 0, from.Shape.Rows);
        return copy;
    }
}

/// <summary>A tensor of the base, and what stands in its place while the adapter is on.</summary>
internal sealed record Replacement(Parameter Parameter, Tensor Base, Tensor Standing, bool IsTrained);
