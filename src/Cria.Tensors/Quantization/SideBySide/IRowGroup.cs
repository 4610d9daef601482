using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>How eight rows of a type lie side by side: where the blocks of eight rows were, one group of the same size, in which numbers of the same column are neighbours.</summary>
/// <remarks>
/// One vector then holds a number of each row: no sum runs across a vector, and eight scales become floats at once. Numbers stand in pairs of
/// neighbouring columns, as products of 16-bit integers want them. w = a·(q − m) + b, a and b shared by a part of a block.
/// </remarks>
internal interface IRowGroup
{
    /// <summary>The numbers of a block of one row.</summary>
    static abstract int Length { get; }

    /// <summary>The bytes of a block of one row.</summary>
    static abstract int Size { get; }

    /// <summary>How many numbers of a row share a and b: 16 or 32.</summary>
    static abstract int Part { get; }

    /// <summary>Whether there is a b.</summary>
    static virtual bool HasOffsets => false;

    /// <summary>What is to be taken off each code.</summary>
    static abstract int Middle { get; }

    /// <summary>Puts the block of one row into its group.</summary>
    static abstract void Put(ref readonly byte block, int row, ref byte group);

    /// <summary>The block of one row as it was put.</summary>
    static abstract void Take(ref readonly byte group, int row, ref byte block);

    /// <summary>The codes of eight columns, in pairs for each row: of columns 8·<paramref name="step"/> and the next, and so on.</summary>
    static abstract void Codes(
        ref readonly byte group, nuint step, out Vector256<short> first, out Vector256<short> second, out Vector256<short> third, out Vector256<short> fourth);

    /// <summary>What the a and the b of all parts are multiples of, for every row.</summary>
    static abstract void Units(ref readonly byte group, out Vector256<float> scale, out Vector256<float> offset);

    /// <summary>a of every row.</summary>
    static virtual Vector256<float> Scales(ref readonly byte group, int part, Vector256<float> unit) => unit;

    /// <summary>b of every row.</summary>
    static virtual Vector256<float> Offsets(ref readonly byte group, int part, Vector256<float> unit) => unit;
}
