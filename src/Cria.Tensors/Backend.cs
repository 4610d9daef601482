namespace Cria.Tensors;

/// <summary>A device: its memory, and a kernel for every operation. It knows nothing of gradients.</summary>
/// <remarks>
/// Each operation's folder adds its kernels to this class and to the devices' classes. Kernels take tensors whose shapes the op has
/// already checked. A kernel that ends in <c>Backward</c> adds into the gradients it is given and skips those that are null.
/// </remarks>
public abstract partial class Backend : IDisposable
{
    /// <summary>What a user calls the device, such as <c>cpu</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes that tensors of this device hold now, the pool's idle ones included.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>The most that <see cref="MemoryBytes"/> ever was.</summary>
    public abstract long MostMemoryBytes { get; }

    /// <summary>Whether tensors have numbers; on <see cref="ShapeBackend"/> they have only shapes.</summary>
    public virtual bool HasNumbers => true;

    /// <summary>A tensor whose numbers are not set.</summary>
    public Tensor Empty(Shape shape) => Empty(shape, DataType.F32);

    /// <summary>A tensor of any type whose numbers are not set.</summary>
    public Tensor Empty(Shape shape, DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new Tensor(shape, type, this, Allocate(type.Bytes(shape.Length)), ownedByScope: true);
    }

    /// <summary>A tensor of zeros.</summary>
    public Tensor Zeros(Shape shape)
    {
        var tensor = Empty(shape);
        Fill(tensor, 0);
        return tensor;
    }

    /// <summary>A tensor with these numbers.</summary>
    public Tensor From(ReadOnlySpan<float> numbers, Shape shape)
    {
        Expect.SameLength("From", "the count of numbers", shape.Length, numbers.Length);
        var tensor = Empty(shape);
        numbers.CopyTo(tensor.Floats());
        return tensor;
    }

    /// <summary>Numbers spread evenly from −<paramref name="bound"/> to <paramref name="bound"/>.</summary>
    public virtual Tensor Uniform(Shape shape, float bound, ulong seed)
    {
        var random = new RandomSource(seed);
        var tensor = Empty(shape);
        foreach (ref float number in tensor.Floats())
            number = (float)((2 * random.NextDouble() - 1) * bound);
        return tensor;
    }

    /// <summary>Normally distributed numbers around 0.</summary>
    public virtual Tensor Normal(Shape shape, float deviation, ulong seed)
    {
        var random = new RandomSource(seed);
        var tensor = Empty(shape);
        foreach (ref float number in tensor.Floats())
            number = (float)(random.NextNormal() * deviation);
        return tensor;
    }

    /// <summary>Frees the pool and stops the workers.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    internal abstract Storage Allocate(long bytes);

    internal abstract void Recycle(Storage storage);

    internal abstract void Fill(Tensor tensor, float value);

    /// <summary>Frees what the device holds.</summary>
    protected abstract void Dispose(bool disposing);
}
