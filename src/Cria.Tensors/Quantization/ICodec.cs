namespace Cria.Tensors.Quantization;

/// <summary>What one storage type is: where a number stands, how a block is read and written. Written once for every vector width.</summary>
/// <remarks><c>tensor</c> is always the first byte of a whole tensor, <c>element</c> the index of a number in it.</remarks>
internal interface ICodec
{
    /// <summary>How many consecutive numbers share one block.</summary>
    static abstract int BlockLength { get; }

    /// <summary>How many numbers <see cref="Read"/> and <see cref="Dot"/> handle: one block, or some vectors where there are no blocks.</summary>
    static abstract int Step { get; }

    /// <summary>Puts one step of x into the form that <see cref="Dot"/> takes, in as many floats. Once for all rows of a weight.</summary>
    static virtual void Arrange(ReadOnlySpan<float> x, Span<float> arranged) => x.CopyTo(arranged);

    static abstract long Bytes(long elements);

    /// <summary>Whether blocks follow one another and nothing else stands between them: then each is found from the one before.</summary>
    static virtual bool IsSequence => true;

    /// <summary>One step as floats; <paramref name="element"/> is the first number of a block.</summary>
    static abstract void Read<TLanes, TVector>(ref readonly byte tensor, nuint element, ref float to)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary><paramref name="sum"/> + one step's products with x as <see cref="Arrange"/> left it, in lanes.</summary>
    static abstract TVector Dot<TLanes, TVector>(ref readonly byte tensor, nuint element, ref readonly float x, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>How many numbers share a scale in <see cref="ReadIntegers"/>; 0 where a block does not hold small whole numbers.</summary>
    static virtual int IntegerPart => 0;

    /// <summary>Whether a part also has a number that is added: w = d·q + e.</summary>
    static virtual bool HasOffsets => false;

    /// <summary>One block as whole numbers q, with d and e (where there is one) of each part.</summary>
    static virtual void ReadIntegers(ref readonly byte tensor, nuint element, ref short codes, ref float scales, ref float offsets) =>
        throw new NotSupportedException();

    /// <summary>A single number: for what is left of a row after the last whole step.</summary>
    static abstract float Number(ref readonly byte tensor, nuint element);

    /// <summary>Stores one block, or the rest of the last one.</summary>
    static abstract void Write(ReadOnlySpan<float> from, ref byte tensor, nuint element);
}
