namespace Cria.Tensors;

/// <summary>The numbers of a tensor while they wait in host memory.</summary>
internal abstract class ParkedNumbers : IDisposable
{
    /// <summary>Brings them back to the device, for what is put into its queue from now on. Once.</summary>
    public abstract Storage BringBack();

    /// <summary>Forgets them.</summary>
    public abstract void Dispose();
}

public abstract partial class Backend
{
    /// <summary>A tensor that no scope owns, in host memory that the device's kernels reach, though more slowly: for what is used once a step. Zeros.</summary>
    public virtual Tensor ZerosOnHost(Shape shape)
    {
        var tensor = Lasting(shape, DataType.F32);
        Fill(tensor, 0);
        return tensor;
    }

    /// <summary>Sends numbers to host memory, to be brought back later; null where they are there already.</summary>
    internal virtual ParkedNumbers? Park(Storage storage) => null;
}
