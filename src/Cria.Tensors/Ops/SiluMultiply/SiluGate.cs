using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>The kernel of <see cref="Tensor.SiluMultiply"/> on a processor, a vector at a time and the rest number by number.</summary>
internal static class SiluGate<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    public static void Forward(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> y)
    {
        ref float g = ref MemoryMarshal.GetReference(gate), u = ref MemoryMarshal.GetReference(up), to = ref MemoryMarshal.GetReference(y);
        int i = 0;
        for (; i + TLanes.Count <= y.Length; i += TLanes.Count)
        {
            var x = TLanes.Load(in g, (nuint)i);
            var silu = TLanes.Multiply(x, Simd.Sigmoid<TLanes, TVector>(x));
            TLanes.Store(TLanes.Multiply(silu, TLanes.Load(in u, (nuint)i)), ref to, (nuint)i);
        }
        for (; i < y.Length; i++)
            y[i] = gate[i] * Sigmoid(gate[i]) * up[i];
    }

    /// <summary>Writes or adds into <paramref name="dGate"/> and <paramref name="dUp"/>; an empty one is skipped.</summary>
    public static void Backward(
        ReadOnlySpan<float> gate, ReadOnlySpan<float> up, ReadOnlySpan<float> dy, Span<float> dGate, bool addGate, Span<float> dUp, bool addUp)
    {
        ref float g = ref MemoryMarshal.GetReference(gate), u = ref MemoryMarshal.GetReference(up), d = ref MemoryMarshal.GetReference(dy);
        ref float dg = ref MemoryMarshal.GetReference(dGate), du = ref MemoryMarshal.GetReference(dUp);
        int i = 0;
        for (; i + TLanes.Count <= dy.Length; i += TLanes.Count)
        {
            nuint at = (nuint)i;
            TVector x = TLanes.Load(in g, at), s = Simd.Sigmoid<TLanes, TVector>(x), silu = TLanes.Multiply(x, s), slope = TLanes.Load(in d, at);
            if (dUp.Length > 0)
                TLanes.Store(addUp ? TLanes.MultiplyAdd(silu, slope, TLanes.Load(in du, at)) : TLanes.Multiply(silu, slope), ref du, at);
            if (dGate.Length == 0)
                continue;
            // s · (1 + g · (1 − s)) = s + silu · (1 − s)
            var derivative = TLanes.MultiplyAdd(silu, TLanes.Subtract(TLanes.Splat(1), s), s);
            var toUp = TLanes.Multiply(slope, TLanes.Load(in u, at));
            TLanes.Store(addGate ? TLanes.MultiplyAdd(toUp, derivative, TLanes.Load(in dg, at)) : TLanes.Multiply(toUp, derivative), ref dg, at);
        }
        for (; i < dy.Length; i++)
        {
            float s = Sigmoid(gate[i]), silu = gate[i] * s;
            if (dUp.Length > 0)
                dUp[i] = (addUp ? dUp[i] : 0) + silu * dy[i];
            if (dGate.Length > 0)
                dGate[i] = (addGate ? dGate[i] : 0) + dy[i] * up[i] * (s + silu * (1 - s));
        }
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
