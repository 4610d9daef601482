using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>Where the bits of one of GGUF's smaller types stand: blocks of 32 numbers w = a·q + b, q small whole numbers.</summary>
/// <remarks>A block starts with a, and with b where there is one, in half precision. The layouts are those of <see href="https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h"/>.</remarks>
internal interface ISmallBlock
{
    /// <summary>The bytes of a block.</summary>
    static abstract int Size { get; }

    /// <summary>Whether there is a b.</summary>
    static abstract bool HasOffset { get; }

    /// <summary>q of numbers 0 … 15 and 16 … 31.</summary>
    static abstract void Unpack(ref readonly byte block, out Vector128<sbyte> first, out Vector128<sbyte> second);

    /// <summary>Stores 32 numbers with the least error that a search finds.</summary>
    static abstract void Write(ReadOnlySpan<float> from, ref byte block);
}
