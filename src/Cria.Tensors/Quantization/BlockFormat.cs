namespace Cria.Tensors.Quantization;

/// <summary>How a run of numbers becomes bytes, and back. Called once per row or panel, never per number.</summary>
internal abstract class BlockFormat
{
    /// <summary>How many consecutive numbers share one block.</summary>
    public abstract int BlockLength { get; }

    /// <summary>The bytes that <paramref name="elements"/> numbers take, from the start of a tensor.</summary>
    public abstract long Bytes(long elements);

    /// <summary>Those of them that a product reads.</summary>
    public virtual long BytesRead(long elements) => Bytes(elements);

    /// <summary>What each row of a tensor has besides its numbers.</summary>
    public virtual int BytesOfRow => 0;

    /// <summary>How eight rows are laid side by side, where a processor reads them faster so; else null.</summary>
    public virtual SideBySide? SideBySide => null;

    /// <summary>Numbers <paramref name="element"/>… of the tensor as floats.</summary>
    /// <param name="from">The whole tensor.</param>
    /// <param name="element">The first number: a multiple of <see cref="BlockLength"/>.</param>
    /// <param name="to">As many as are wanted: whole blocks, or up to the end of the tensor.</param>
    public abstract void Read(Storage from, long element, Span<float> to);

    /// <summary>How many numbers share a scale in <see cref="ReadIntegers"/>; 0 where the blocks do not hold small whole numbers.</summary>
    public abstract int IntegerPart { get; }

    /// <summary>Whether a part also has a number that is added: w = d·q + e.</summary>
    public abstract bool HasOffsets { get; }

    /// <summary>Numbers <paramref name="element"/>… as whole numbers q, with d and e (where there is one) of each part.</summary>
    public abstract void ReadIntegers(Storage from, long element, Span<short> codes, Span<float> scales, Span<float> offsets);

    /// <summary>Puts x into the form that <see cref="Dot"/> takes: once for all rows.</summary>
    public abstract void Arrange(ReadOnlySpan<float> x, Span<float> arranged);

    /// <summary>
    /// y[r] = Σ w[r, i]·x[i] for the rows of x's length that stand one after another from <paramref name="element"/>, straight from
    /// the blocks.
    /// </summary>
    public abstract void Dot(Storage from, long element, ReadOnlySpan<float> arranged, Span<float> y);

    /// <summary>Stores numbers <paramref name="element"/>… of the tensor <paramref name="to"/>: whole blocks, or up to its end.</summary>
    public abstract void Write(ReadOnlySpan<float> from, Storage to, long element);

    /// <summary>Stores the whole tensor <paramref name="from"/> (any type) in this format, a row at a time.</summary>
    public virtual void Quantize(Tensor from, Storage to, Workers workers)
    {
        int columns = from.Shape.Columns;
        workers.For(from.Shape.Rows, row =>
        {
            long element = (long)row * columns;
            if (from.Type == DataType.F32)
            {
                Write(from.Row(row), to, element);
                return;
            }
            using var line = new Scratch(columns);
            from.Type.Format.Read(from.Storage, element, line.Floats);
            Write(line.Floats, to, element);
        });
    }
}
