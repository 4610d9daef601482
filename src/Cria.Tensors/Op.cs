namespace Cria.Tensors;

/// <summary>One operation: a forward pass, and the gradient that belongs to it. Derived types stand in <c>Ops/</c>, a folder each.</summary>
internal abstract class Op(params Tensor?[] inputs)
{
    /// <summary>What <see cref="Forward"/> made.</summary>
    public Tensor Output { get; private set; } = null!;

    /// <summary>Runs an op on the device of its inputs, and records it where a gradient will be wanted.</summary>
    public static Tensor Run(Op op)
    {
        var on = op.Device();
        var output = op.Forward(on);
        op.Output = output;
        if (Gradients.Enabled && op.WantsGradient())
        {
            var scope = TensorScope.Current ?? throw ShapeException.Gradient(
                "Gradients are recorded in a scope: open one with TensorScope.Begin(), or switch recording off with Gradients.Off().");
            output.RequiresGradient = true;
            output.Producer = op;
            scope.Record(op);
        }
        GC.KeepAlive(op);
        return output;
    }

    /// <summary>
    /// The tensors that <see cref="Backward"/> reads besides the gradient of the output: an op that reads fewer than its inputs and its
    /// output, or others, says so. What no op reads need not wait for the backward pass: see <see cref="TensorScope.Trim"/>.
    /// </summary>
    internal virtual IEnumerable<Tensor?> Reads => [.. inputs, Output];

    internal void RunBackward()
    {
        if (Output.Gradient is { } dy)
            Backward(Output.Device, dy);
    }

    /// <summary>Computes the result. May keep what <see cref="Backward"/> needs in fields.</summary>
    protected abstract Tensor Forward(Backend on);

    /// <summary>Adds this op's share to the gradients of its inputs: see <see cref="GradientOf"/>.</summary>
    protected abstract void Backward(Backend on, Tensor dy);

    /// <summary>Whether something must be kept for the backward pass.</summary>
    protected bool WillGoBackward => Gradients.Enabled && WantsGradient();

    /// <summary>Where to add an input's gradient (zeros at first); null where the input is frozen.</summary>
    protected static Tensor? GradientOf(Tensor? input) => input is { RequiresGradient: true } ? input.GradientOrZeros() : null;

    /// <summary>Whether an input, and so the output, is on the way to something trained.</summary>
    protected virtual bool WantsGradient()
    {
        foreach (var input in inputs)
        {
            if (input is { RequiresGradient: true })
                return true;
        }
        return false;
    }

    private Backend Device()
    {
        var device = inputs[0]!.Device;
        foreach (var input in inputs)
        {
            if (input is not null && input.Device != device)
                throw ShapeException.Device(GetType().Name);
        }
        return device;
    }
}
