using System.Runtime.CompilerServices;

namespace Cria.Tensors;

/// <summary>One argument of a kernel: a tensor's address, or a number.</summary>
internal readonly struct KernelArgument
{
    public readonly long Bits;

    private KernelArgument(long bits) => Bits = bits;

    /// <summary>The address of the numbers; 0 where there is no tensor.</summary>
    public static implicit operator KernelArgument(Tensor? tensor) => new(tensor is null ? 0 : tensor.Storage.Pointer);

    public static implicit operator KernelArgument(DeviceSpan span) => new(span.Pointer);

    public static implicit operator KernelArgument(nint pointer) => new(pointer);

    public static implicit operator KernelArgument(long value) => new(value);

    public static implicit operator KernelArgument(ulong value) => new((long)value);

    public static implicit operator KernelArgument(int value) => new(value);

    public static implicit operator KernelArgument(uint value) => new(value);

    public static implicit operator KernelArgument(float value) => new(Unsafe.BitCast<float, uint>(value));

    public static implicit operator KernelArgument(double value) => new(Unsafe.BitCast<double, long>(value));
}

/// <summary>Numbers that were brought to a card for the launches that follow.</summary>
internal readonly record struct DeviceSpan(nint Pointer, int Count);
