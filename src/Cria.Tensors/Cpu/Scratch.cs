using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>Floats for the length of a <c>using</c>, not set, starting at a cache line where the array does not move.</summary>
internal readonly ref struct Scratch
{
    private const int LineBytes = Storage.CacheLine.Size, LineFloats = LineBytes / sizeof(float);

    private readonly float[] array;

    public Scratch(int count)
    {
        array = count == 0 ? [] : ArrayPool<float>.Shared.Rent(count + LineFloats);
        Floats = count == 0 ? [] : array.AsSpan(Start(array), count);
    }

    public Span<float> Floats { get; }

    public void Dispose()
    {
        if (array.Length > 0)
            ArrayPool<float>.Shared.Return(array);
    }

    private static unsafe int Start(float[] array)
    {
        nuint address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        return (int)((LineBytes - address % LineBytes) % LineBytes / sizeof(float));
    }
}
