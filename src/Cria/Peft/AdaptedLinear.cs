using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>A linear layer that an adapter has put around another one.</summary>
internal abstract class AdaptedLinear(ILinear inner) : ILinear
{
    /// <summary>The layer that is wrapped: the base's, or another adapter's.</summary>
    public ILinear Inner { get; private set; } = inner;

    public int In => Inner.In;

    public int Out => Inner.Out;

    public abstract Tensor Forward(Tensor x, ForwardContext context);

    /// <summary>The base's own layer below every adapter.</summary>
    public static Linear Base(ILinear linear) => linear switch
    {
        Linear plain => plain,
        AdaptedLinear adapted => Base(adapted.Inner),
        _ => throw new InvalidOperationException($"A layer of type {linear.GetType().Name} has no weight that an adapter could be merged into."),
    };

    /// <summary>Takes this layer out of the chain that stands in a slot, wherever it is in it.</summary>
    public void RemoveFrom(LinearSlot slot)
    {
        if (slot.Linear == this)
        {
            slot.Replace(Inner);
            return;
        }
        for (var above = slot.Linear as AdaptedLinear; above is not null; above = above.Inner as AdaptedLinear)
        {
            if (above.Inner == this)
                above.Inner = Inner;
        }
    }
}
