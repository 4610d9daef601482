using System.Runtime.Intrinsics;

namespace Cria.Tensors;

/// <summary>One vector width. A kernel is written once over this; the JIT compiles one body per width.</summary>
/// <remarks>
/// The widths are <see cref="Lanes128"/>, which is right on every processor, <see cref="Lanes256"/> (AVX2) and <see cref="Lanes512"/>
/// (AVX-512). Addresses of stored numbers are bytes, because blocks do not align what stands in them.
/// </remarks>
internal interface ILanes<TVector>
    where TVector : struct
{
    static abstract int Count { get; }

    static abstract TVector Load(ref readonly float start, nuint index);

    static abstract void Store(TVector value, ref float start, nuint index);

    static abstract TVector Splat(float value);

    /// <summary><paramref name="value"/>, then zeros.</summary>
    static abstract TVector First(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>The larger one of each pair; <paramref name="b"/> where that is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The smaller one of each pair; <paramref name="b"/> where that is NaN.</summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary><c>x · 2ⁿ</c>, n the signed number in the low nine bits of <paramref name="n"/>; nothing may overflow.</summary>
    static abstract TVector AddToExponent(TVector x, TVector n);

    /// <summary>Zero where <paramref name="test"/> is at or below <paramref name="bound"/>, elsewhere <paramref name="x"/>.</summary>
    static abstract TVector ZeroUpTo(TVector bound, TVector test, TVector x);

    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector sum);

    static abstract float Sum(TVector v);

    /// <summary>Bits of 32-bit sums + a₂ᵢ·b₂ᵢ + a₂ᵢ₊₁·b₂ᵢ₊₁, where a and b hold the bits of shorts.</summary>
    static abstract TVector DotPairs(TVector a, TVector b, TVector sums);

    /// <summary>The same in one instruction, where the processor has it (VNNI).</summary>
    static abstract TVector DotPairsFused(TVector a, TVector b, TVector sums);

    /// <summary>Eight numbers added into some lanes or others.</summary>
    static abstract TVector AddEight(Vector256<float> numbers, TVector sum);

    /// <summary>The floats that bits of 32-bit integers stand for.</summary>
    static abstract TVector FromIntegers(TVector bits);

    /// <summary><see cref="Count"/> signed bytes as floats.</summary>
    static abstract TVector LoadSBytes(ref readonly byte at);

    /// <summary><see cref="Count"/> half-precision numbers as floats, infinities and NaN included.</summary>
    static abstract TVector LoadHalves(ref readonly byte at);

    /// <summary><see cref="Count"/> bfloat16 numbers as floats.</summary>
    static abstract TVector LoadBFloats(ref readonly byte at);

    /// <summary>The entries of a code book of 16 that the low and the high nibbles of <see cref="Count"/> bytes name.</summary>
    static abstract void LoadNibbles(ref readonly byte at, ref readonly float codes, out TVector low, out TVector high);

    /// <summary>even₀ odd₀ even₁ odd₁ …, as two vectors.</summary>
    static abstract void Interleave(TVector even, TVector odd, out TVector first, out TVector second);

    /// <summary>Partial sums of the products of 32 signed bytes with 32 shorts, exact in integers up to the last step.</summary>
    static abstract TVector DotSBytes(ref readonly byte bytes, ref readonly short x);

    /// <summary>The same for bytes that were put into vectors.</summary>
    static abstract TVector DotSBytes(Vector128<sbyte> first, Vector128<sbyte> second, ref readonly short x);

    /// <summary>The same for 32 bytes without signs; x as <see cref="Quantization.WideActivations.Split"/> leaves it.</summary>
    static abstract TVector DotBytes(Vector256<byte> bytes, ref readonly short x);

    /// <summary><paramref name="sum"/> + the same, times <paramref name="first"/> for numbers 0 … 15 and <paramref name="second"/> for 16 … 31.</summary>
    static abstract TVector DotBytes(Vector256<byte> bytes, ref readonly short x, float first, float second, TVector sum);

    /// <summary>The same for two runs of 32 nibbles, partial sums of the first in the <see cref="LoadPair">lanes of the first</see>; 16 bytes hold numbers 0 … 15 low and 16 … 31 high.</summary>
    /// <param name="first">16 bytes.</param>
    /// <param name="second">16 bytes.</param>
    /// <param name="x">As <see cref="Quantization.WideActivations.SplitPair"/> leaves it.</param>
    /// <param name="start">What the sums begin with: that of the first, three zeros, that of the second, three zeros.</param>
    static abstract TVector DotNibbles(ref readonly byte first, ref readonly byte second, ref readonly short x, ref readonly int start);

    /// <summary>Four times the first of two numbers and four times the second, put into the lanes of the first (half of them) and of the second.</summary>
    static abstract TVector LoadPair(ref readonly float at);

    /// <summary>Two half-precision numbers in the same lanes, over 2¹¹²: see <see cref="HalfBits.ReadSmall"/>.</summary>
    static abstract TVector SplatHalves(ref readonly byte first, ref readonly byte second);

    /// <summary>A half-precision number in every lane, over 2¹¹².</summary>
    static abstract TVector SplatHalf(ref readonly byte at);
}
