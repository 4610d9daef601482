using System.Runtime.CompilerServices;

namespace Cria.Tensors;

/// <summary>Functions of one vector of any width.</summary>
internal static class Simd
{
    // Below, eˣ is subnormal; above, 2ⁿ leaves the exponent.
    private const float Smallest = -87.33654f, Largest = 88.02f;

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
}
