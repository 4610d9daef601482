namespace Cria.Tensors.Quantization;

/// <summary>Where the bits of one of GGUF's K types stand: blocks of 256 numbers w = a·q + b, a and b shared by part of a block.</summary>
/// <remarks>The layouts are those of <see href="https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h"/>.</remarks>
internal interface ISuperBlock
{
    /// <summary>The bytes of a block.</summary>
    static abstract int Size { get; }

    /// <summary>How many numbers share a and b: 16 or 32.</summary>
    static abstract int Part { get; }

    /// <summary>Whether there is a b.</summary>
    static abstract bool HasOffsets { get; }

    /// <summary>q of all 256 numbers.</summary>
    static abstract void Unpack(ref readonly byte block, ref sbyte codes);

    /// <summary>a and b of up to sixteen parts; what is left of the sixteen b is set to zero.</summary>
    static abstract void Scales(ref readonly byte block, ref float scales, ref float offsets);

    /// <summary>Stores 256 numbers with the least error that a search finds.</summary>
    static abstract void Write(ReadOnlySpan<float> from, ref byte block);
}
