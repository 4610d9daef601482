namespace Cria.Tensors.Quantization;

/// <summary>How a run of numbers becomes bytes, and back. Called once per row or panel, never per number.</summary>
internal abstract class BlockFormat
{
    /// <summary>How many consecutive numbers share one block.</summary>
    public abstract int BlockLength { get; }

    /// <summary>The bytes that <paramref name="elements"/> numbers take, from the start of a tensor.</summary>
    public abstract long Bytes(long elements);

    /// <summary>Numbers <paramref name="element"/>… of the tensor as floats.</summary>
    /// <param name="from">The whole tensor.</param>
    /// <param name="element">The first number: a multiple of <see cref="BlockLength"/>.</param>
    /// <param name="to">As many as are wanted: whole blocks, or up to the end of the tensor.</param>
    public abstract void Read(Storage from, long element, Span<float> to);

    /// <summary>Σ row[i]·x[i] over the row that starts at <paramref name="element"/>, without a copy of the row in floats.</summary>
    public abstract float Dot(Storage from, long element, ReadOnlySpan<float> x);

    /// <summary>Stores the whole tensor <paramref name="from"/> (any type) in this format.</summary>
    public abstract void Quantize(Tensor from, Storage to, CpuBackend on);
}
