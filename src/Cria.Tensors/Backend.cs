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

    /// <summary>How activations are stored: what operations make of token ids, and of trained tensors that are turned into activations.</summary>
    public virtual DataType ActivationType => DataType.F32;

    /// <summary>How the keys and values of a cache may be stored; the first is as activations are.</summary>
    public virtual IReadOnlyList<DataType> CacheTypes => [ActivationType];

    /// <summary>Whether tensors of this device can be of a type.</summary>
    public virtual bool Stores(DataType type) => type != DataType.FP8;

    /// <summary>The device that computes with numbers in host memory, such as those of a mapped file: this one, unless it is a card.</summary>
    public virtual Backend Host => this;

    /// <summary>Waits until all work is done that was begun; a device that works while the caller goes on says otherwise.</summary>
    public virtual void Synchronize()
    {
    }

    /// <summary>Gives memory that nobody uses back to the machine, where the device keeps any for itself.</summary>
    public virtual void Trim()
    {
    }

    /// <summary>A tensor whose numbers are not set.</summary>
    public Tensor Empty(Shape shape) => Empty(shape, DataType.F32);

    /// <summary>A tensor of any type whose numbers are not set.</summary>
    public Tensor Empty(Shape shape, DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new Tensor(shape, type, this, Allocate(type.Bytes(shape)), ownedByScope: true);
    }

    /// <summary>A tensor of zeros.</summary>
    public Tensor Zeros(Shape shape) => Zeros(shape, DataType.F32);

    /// <summary>A tensor of zeros of a type in which bits of zero are zeros.</summary>
    public Tensor Zeros(Shape shape, DataType type)
    {
        var tensor = Empty(shape, type);
        Fill(tensor, 0);
        return tensor;
    }

    /// <summary>A tensor that no scope owns: it lives as long as somebody holds it. Its numbers are not set.</summary>
    public Tensor Lasting(Shape shape, DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new Tensor(shape, type, this, Allocate(type.Bytes(shape)), ownedByScope: false);
    }

    /// <summary>A gradient to which nothing was added yet.</summary>
    internal Tensor Fresh(Shape shape, DataType type)
    {
        var tensor = Empty(shape, type);
        tensor.MakeFresh();
        return tensor;
    }

    /// <summary>A tensor with these numbers.</summary>
    public Tensor From(ReadOnlySpan<float> numbers, Shape shape)
    {
        Expect.SameLength("From", "the count of numbers", shape.Length, numbers.Length);
        var tensor = Empty(shape);
        tensor.Set(numbers);
        return tensor;
    }

    /// <summary>Numbers spread evenly from −<paramref name="bound"/> to <paramref name="bound"/>.</summary>
    public virtual Tensor Uniform(Shape shape, float bound, ulong seed)
    {
        var random = new RandomSource(seed);
        float[] numbers = new float[shape.Length];
        foreach (ref float number in numbers.AsSpan())
            number = (float)((2 * random.NextDouble() - 1) * bound);
        return From(numbers, shape);
    }

    /// <summary>Normally distributed numbers around 0.</summary>
    public virtual Tensor Normal(Shape shape, float deviation, ulong seed)
    {
        var random = new RandomSource(seed);
        float[] numbers = new float[shape.Length];
        foreach (ref float number in numbers.AsSpan())
            number = (float)(random.NextNormal() * deviation);
        return From(numbers, shape);
    }

    /// <summary>Frees the pool and stops the workers.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The most bytes of logits at once.</summary>
    internal virtual long LogitsBytes => 64L << 20;

    internal abstract Storage Allocate(long bytes);

    /// <summary>Copies bytes from host memory.</summary>
    internal virtual void Write(ReadOnlySpan<byte> from, Storage to, long offset) => from.CopyTo(to.Bytes(offset, from.Length));

    /// <summary>The bytes of a tensor as a file would hold them, in host memory: its own where they are there.</summary>
    internal virtual Storage OnHost(Tensor tensor) => tensor.Storage;

    /// <summary>Sets a tensor of this device to what one of the same shape and type holds in host memory.</summary>
    internal virtual void Take(Tensor from, Tensor to)
    {
        for (long at = 0; at < from.Storage.Length; at += int.MaxValue / 2)
        {
            int some = (int)Math.Min(int.MaxValue / 2, from.Storage.Length - at);
            from.Storage.Bytes(at, some).CopyTo(to.Storage.Bytes(at, some));
        }
    }

    internal abstract void Recycle(Storage storage);

    internal abstract void Fill(Tensor tensor, float value);

    /// <summary>Frees what the device holds.</summary>
    protected abstract void Dispose(bool disposing);
}
