using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Cria.Tensors;

/// <summary>Functions of vectors of any width.</summary>
internal static class Simd
{
    private const int LineBytes = Storage.CacheLine.Size;

    // Below, eˣ is subnormal; above, 2ⁿ leaves the exponent.
    private const float Smallest = -87.33654f, Largest = 88.02f;

    /// <summary>Asks for lines to be brought into the first cache, five at most, without waiting. A hint: an address past an end does no harm.</summary>
    /// <param name="at">What is read now.</param>
    /// <param name="ahead">How many bytes behind it the lines lie.</param>
    /// <param name="bytes">How many bytes they hold.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch<T>(ref T at, int ahead, int bytes)
    {
        if (!Sse.IsSupported || bytes == 0)
            return;
        // One by one: a loop would stay one, where the number is known when this is compiled.
        byte* line = (byte*)Unsafe.AsPointer(ref Unsafe.AddByteOffset(ref at, (nint)ahead));
        Sse.Prefetch0(line);
        if (bytes > LineBytes)
            Sse.Prefetch0(line + LineBytes);
        if (bytes > 2 * LineBytes)
            Sse.Prefetch0(line + 2 * LineBytes);
        if (bytes > 3 * LineBytes)
            Sse.Prefetch0(line + 3 * LineBytes);
        if (bytes > 4 * LineBytes)
            Sse.Prefetch0(line + 4 * LineBytes);
    }

    /// <summary>eˣ to 2 units in the last place; 0 below −87.3, and no larger than e⁸⁸.</summary>
    /// <remarks>eˣ = 2ⁿ eʳ with n = round(x / ln 2), |r| ≤ ln 2 / 2: there the series ends with r⁷ / 7!.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        const float RoundingNumber = 12_582_912;                        // 1.5 · 2²³: a sum with it has no bits behind the point
        const float Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;   // the high part has few bits: n · Ln2High is exact

        var bounded = TLanes.Min(TLanes.Splat(Largest), TLanes.Max(TLanes.Splat(Smallest), x));
        var shifted = TLanes.MultiplyAdd(bounded, TLanes.Splat(1 / 0.6931472f), TLanes.Splat(RoundingNumber));
        var n = TLanes.Subtract(shifted, TLanes.Splat(RoundingNumber));
        var r = TLanes.MultiplyAdd(n, TLanes.Splat(-Ln2High), bounded);
        r = TLanes.MultiplyAdd(n, TLanes.Splat(-Ln2Low), r);

        var sum = TLanes.Splat(1f / 5040);
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Splat(1f / 720));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Splat(1f / 120));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Splat(1f / 24));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Splat(1f / 6));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Splat(0.5f));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Splat(1));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Splat(1));
        return TLanes.ZeroUpTo(TLanes.Splat(Smallest), x, TLanes.AddToExponent(sum, shifted));
    }

    /// <summary>σ(x) = 1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var one = TLanes.Splat(1);
        return TLanes.Divide(one, TLanes.Add(one, Exp<TLanes, TVector>(TLanes.Subtract(default, x))));
    }

    /// <summary>Σ a[i] · b[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot<TLanes, TVector>(ref readonly float a, ref readonly float b, int length)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        nuint width = (nuint)TLanes.Count, count = (nuint)length, i = 0;
        TVector s0 = default, s1 = default;     // two sums, so that a product does not wait for the one before it
        for (; i + 2 * width <= count; i += 2 * width)
        {
            s0 = TLanes.MultiplyAdd(TLanes.Load(in a, i), TLanes.Load(in b, i), s0);
            s1 = TLanes.MultiplyAdd(TLanes.Load(in a, i + width), TLanes.Load(in b, i + width), s1);
        }
        for (; i + width <= count; i += width)
            s0 = TLanes.MultiplyAdd(TLanes.Load(in a, i), TLanes.Load(in b, i), s0);
        float sum = TLanes.Sum(TLanes.Add(s0, s1));
        for (; i < count; i++)
            sum += Unsafe.Add(ref Unsafe.AsRef(in a), i) * Unsafe.Add(ref Unsafe.AsRef(in b), i);
        return sum;
    }

    /// <summary>x = e^(x − largest), and its sum.</summary>
    public static float ExpSum<TLanes, TVector>(Span<float> x, float largest)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref float start = ref MemoryMarshal.GetReference(x);
        nuint i = 0;
        TVector sum = default;
        for (; i + (nuint)TLanes.Count <= (nuint)x.Length; i += (nuint)TLanes.Count)
        {
            var p = Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Load(in start, i), TLanes.Splat(largest)));
            TLanes.Store(p, ref start, i);
            sum = TLanes.Add(sum, p);
        }
        float total = TLanes.Sum(sum);
        for (; i < (nuint)x.Length; i++)
        {
            ref float number = ref Unsafe.Add(ref start, i);
            number = MathF.Exp(number - largest);
            total += number;
        }
        return total;
    }
}
