using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>Where the bits of one of GGUF's K types stand: blocks of 256 numbers w = a·(q − m) + b, a and b shared by part of a block.</summary>
/// <remarks>The layouts are those of <see href="https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h"/>.</remarks>
internal interface ISuperBlock
{
    /// <summary>The bytes of a block.</summary>
    static abstract int Size { get; }

    /// <summary>How many numbers share a and b: 16 or 32.</summary>
    static abstract int Part { get; }

    /// <summary>Whether there is a b.</summary>
    static abstract bool HasOffsets { get; }

    /// <summary>What is to be taken off each code.</summary>
    static abstract int Middle { get; }

    /// <summary>The codes, without a sign, of 128 numbers, 32 in each vector.</summary>
    /// <param name="block">The block.</param>
    /// <param name="half">0: the first 128 numbers. 1: the others.</param>
    /// <param name="first">Codes of numbers 0 … 31 of these.</param>
    /// <param name="second">The next.</param>
    /// <param name="third">The next.</param>
    /// <param name="fourth">The last.</param>
    static abstract void Codes(
        ref readonly byte block, nuint half, out Vector256<byte> first, out Vector256<byte> second, out Vector256<byte> third, out Vector256<byte> fourth);

    /// <summary>a of the first eight parts and of the other eight, if there are so many.</summary>
    static abstract void Scales(ref readonly byte block, out Vector256<float> first, out Vector256<float> second);

    /// <summary>b of the same; not asked for where <see cref="HasOffsets"/> says that there is none.</summary>
    static abstract void Offsets(ref readonly byte block, out Vector256<float> first, out Vector256<float> second);

    /// <summary>Stores 256 numbers with the least error that a search finds.</summary>
    static abstract void Write(ReadOnlySpan<float> from, ref byte block);
}
