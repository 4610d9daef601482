using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>Numbers in a shape, on a device, in a storage type; and, where it is trained, their gradient.</summary>
/// <remarks>Contiguous and row-major. Operations stand in <c>Ops/</c>, each adding its method to this class. Not thread-safe.</remarks>
public sealed partial class Tensor
{
    private readonly Tensor? origin;
    private Storage? storage;
    private Tensor? gradient;
    private ParkedNumbers? parked;
    private bool requiresGradient, isFresh;

    /// <summary>A tensor over bytes that are already there, such as a part of a mapped checkpoint.</summary>
    /// <exception cref="ShapeException">The bytes do not hold exactly these numbers.</exception>
    public Tensor(Shape shape, DataType type, Backend device, Storage storage)
        : this(shape, type, device, storage, ownedByScope: false)
    {
    }

    internal Tensor(Shape shape, DataType type, Backend device, Storage storage, bool ownedByScope)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(storage);
        Expect.SameLength("Tensor", $"the bytes of {shape} in {type}", type.Bytes(shape), storage.Length);
        (Shape, Type, Device, this.storage) = (shape, type, device, storage);
        if (ownedByScope)
            TensorScope.Current?.Own(this);
    }

    private Tensor(Tensor origin, Shape shape)
    {
        (Shape, Type, Device, this.origin) = (shape, origin.Type, origin.Device, origin);
    }

    /// <summary>The lengths of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>How the numbers are stored.</summary>
    public DataType Type { get; }

    /// <summary>Where the numbers are.</summary>
    public Backend Device { get; }

    /// <summary>The bytes.</summary>
    /// <exception cref="ObjectDisposedException">The scope in which the tensor was made has ended.</exception>
    public Storage Storage => Origin.storage ?? throw new ObjectDisposedException(nameof(Tensor), "The scope of this tensor has ended.");

    /// <summary>Whether a backward pass computes a gradient for this tensor. Set it on tensors that are to be trained; those should be f32.</summary>
    public bool RequiresGradient
    {
        get => Origin.requiresGradient;
        set
        {
            if (value)
                Expect.Activation("RequiresGradient", this);
            if (value && Storage.IsStreamed)
                throw ShapeException.Gradient("A tensor that is streamed from host memory is frozen: copy it to train it.");
            Origin.requiresGradient = value;
        }
    }

    /// <summary>What the backward passes so far have added up, or null.</summary>
    public Tensor? Gradient
    {
        get
        {
            var sum = Origin.gradient;
            sum?.Settle();
            return sum?.View(Shape);
        }
    }

    internal Tensor Origin => origin ?? this;

    internal long HeldBytes => (storage?.Length ?? 0) + (gradient?.HeldBytes ?? 0);

    internal Op? Producer { get; set; }

    /// <summary>The same numbers, and the same gradient, seen in another shape.</summary>
    public Tensor View(Shape shape)
    {
        Expect.SameLength("View", $"the elements of {shape}", Shape.Length, shape.Length);
        return shape == Shape ? this : new Tensor(Origin, shape);
    }

    /// <summary>All numbers of an f32 tensor in host memory.</summary>
    public Span<float> Floats()
    {
        Expect.Type("Floats", DataType.F32, this);
        return Storage.Floats(0, checked((int)Shape.Length));
    }

    /// <summary>One row of an f32 tensor in host memory.</summary>
    public Span<float> Row(int row)
    {
        Expect.Type("Row", DataType.F32, this);
        return Storage.Floats((long)row * Shape.Columns, Shape.Columns);
    }

    /// <summary>A copy of all numbers in single precision, from any device and any storage type. Waits for the device.</summary>
    public float[] ToArray()
    {
        float[] numbers = new float[checked((int)Shape.Length)];
        if (Device.HasNumbers)
            Type.Format.Read(OnHost(), 0, numbers);
        return numbers;
    }

    /// <summary>The one number of a scalar. Waits for the device.</summary>
    public float Item()
    {
        Expect.SameLength("Item", "the elements of a scalar", 1, Shape.Length);
        return ToArray()[0];
    }

    /// <summary>Puts numbers into an f32 tensor of any device.</summary>
    public void Set(ReadOnlySpan<float> numbers)
    {
        Expect.Type("Set", DataType.F32, this);
        Expect.SameLength("Set", "the count of numbers", Shape.Length, numbers.Length);
        Device.Write(MemoryMarshal.AsBytes(numbers), Storage, 0);
    }

    /// <summary>The bytes as a file would hold them, in host memory: its own where they are there, else a copy. Waits for the device.</summary>
    public Storage OnHost() => Device.OnHost(this);

    /// <summary>The same numbers in the same storage type on another device; the tensor itself where it is there. Not part of the gradient.</summary>
    public Tensor On(Backend device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device == Device)
            return this;
        var (copy, host) = (device.Empty(Shape, Type), new Tensor(Shape, Type, Device.Host, OnHost()));
        device.Take(host, copy);
        return copy;
    }

    /// <summary>Computes the gradient of this scalar with respect to every tensor that requires one, and adds it to theirs.</summary>
    /// <remarks>Activations are given back while it unwinds: after it only this tensor, leaves and gradients of leaves can be read.</remarks>
    public void Backward()
    {
        Expect.SameLength("Backward", "the elements of a loss", 1, Shape.Length);
        var one = Device.Empty(Shape);
        Device.Fill(one, 1);
        Backward(one);
    }

    /// <summary>The same for a tensor of any shape whose own gradient is already known.</summary>
    internal void Backward(Tensor gradient)
    {
        if (!RequiresGradient)
            throw ShapeException.Gradient("This loss does not depend on any tensor that requires a gradient.");
        var scope = TensorScope.Current ?? throw ShapeException.Gradient("The scope in which this loss was computed has ended.");
        Expect.SameShape("Backward", this, gradient);
        Device.Accumulate(GradientOrZeros(), gradient);
        scope.Unwind(Origin);
    }

    /// <summary>Sets the gradient back to zero, keeping its memory.</summary>
    public void ZeroGradient()
    {
        Origin.gradient?.MakeFresh();
    }

    /// <summary>Forgets the gradient and its memory.</summary>
    public void DropGradient() => Origin.gradient = null;

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Shape}";

    internal Tensor GradientOrZeros()
    {
        if (origin is not null)
            return origin.GradientOrZeros().View(Shape);
        if (gradient is null)
        {
            // A leaf's gradient outlives the scope, as the leaf does.
            var memory = Device.Allocate(Type.Bytes(Shape.Length));
            gradient = new Tensor(Shape, Type, Device, memory, ownedByScope: false);
            gradient.MakeFresh();
        }
        return gradient;
    }

    /// <summary>1 where a kernel must add to this gradient, 0 where it must write, since nothing was added yet. From then on there is something.</summary>
    internal int Adds()
    {
        int adds = Origin.isFresh ? 0 : 1;
        Origin.isFresh = false;
        return adds;
    }

    /// <summary>Fills a gradient to which nothing was added yet with the zeros that it stands for.</summary>
    internal void Settle()
    {
        if (Adds() == 0)
            Device.Fill(this, 0);
    }

    /// <summary>Makes this a gradient to which nothing was added yet. Kernels write into it instead of adding, so no pass over memory fills it.</summary>
    internal void MakeFresh() => Origin.isFresh = true;

    /// <summary>Sends the numbers to host memory, unless the device computes there; until they are brought back they cannot be used.</summary>
    internal void Park()
    {
        var tensor = Origin;
        if (tensor.Device.Park(tensor.Storage) is { } numbers)
            (tensor.storage, tensor.parked) = (null, numbers);
    }

    internal void BringBack()
    {
        var tensor = Origin;
        if (tensor.parked is { } numbers)
            (tensor.storage, tensor.parked) = (numbers.BringBack(), null);
    }

    /// <summary>Gives the memory back to the device before its scope ends or the garbage collector comes; the tensor cannot be used any more.</summary>
    public void Release()
    {
        gradient?.Release();
        gradient = null;
        parked?.Dispose();
        parked = null;
        if (storage is { IsPooled: true } memory)
            Device.Recycle(memory);
        storage = null;
    }
}
