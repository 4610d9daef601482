namespace Cria.Tensors;

/// <summary>Frozen tensors of a device that lie in host memory, in groups that are used one after another, and come to the device as they are wanted.</summary>
/// <remarks>
/// Whoever uses such a tensor need not know: the first use of one brings its whole group, and by then the group after it, in the direction in which
/// they are gone through, is on its way. On the device there is room for two groups.
/// </remarks>
public abstract class StreamedTensors
{
    /// <summary>The bytes in host memory.</summary>
    public abstract long HostBytes { get; }

    /// <summary>Moves the next group to host memory; what takes the place of its tensors. All groups are added before the first is used.</summary>
    /// <param name="tensors">Of the device; they are given back.</param>
    public abstract IReadOnlyList<Tensor> Add(IReadOnlyList<Tensor> tensors);
}

public abstract partial class Backend
{
    /// <summary>A place for tensors that the device should not hold all the time; null where it computes with host memory as it is.</summary>
    public virtual StreamedTensors? Stream() => null;
}
