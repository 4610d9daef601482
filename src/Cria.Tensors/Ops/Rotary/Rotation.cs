using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>The kernel of <see cref="Tensor.Rotate"/> on a processor, a vector of pairs at a time and the rest pair by pair.</summary>
internal static class Rotation<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Turns every head of a row; or, backwards, writes or adds the gradient of a row turned by the opposite angles.</summary>
    public static void Row(ReadOnlySpan<float> x, ReadOnlySpan<float> angle, Span<float> y, bool back, bool add)
    {
        for (int head = 0; head < x.Length; head += angle.Length)
        {
            if (back)
                TurnBack(x.Slice(head, angle.Length), angle, y.Slice(head, angle.Length), add);
            else
                Turn(x.Slice(head, angle.Length), angle, y.Slice(head, angle.Length));
        }
    }

    private static void Turn(ReadOnlySpan<float> x, ReadOnlySpan<float> angle, Span<float> y)
    {
        ref float from = ref MemoryMarshal.GetReference(x), angles = ref MemoryMarshal.GetReference(angle), to = ref MemoryMarshal.GetReference(y);
        int half = angle.Length / 2, i = 0;
        for (; i + TLanes.Count <= half; i += TLanes.Count)
        {
            nuint first = (nuint)i, second = (nuint)(i + half);
            TVector x1 = TLanes.Load(in from, first), x2 = TLanes.Load(in from, second), cos = TLanes.Load(in angles, first), sin = TLanes.Load(in angles, second);
            TLanes.Store(TLanes.Subtract(TLanes.Multiply(x1, cos), TLanes.Multiply(x2, sin)), ref to, first);
            TLanes.Store(TLanes.Add(TLanes.Multiply(x2, cos), TLanes.Multiply(x1, sin)), ref to, second);
        }
        for (; i < half; i++)
        {
            y[i] = x[i] * angle[i] - x[i + half] * angle[i + half];
            y[i + half] = x[i + half] * angle[i] + x[i] * angle[i + half];
        }
    }

    private static void TurnBack(ReadOnlySpan<float> dy, ReadOnlySpan<float> angle, Span<float> dx, bool add)
    {
        ref float from = ref MemoryMarshal.GetReference(dy), angles = ref MemoryMarshal.GetReference(angle), to = ref MemoryMarshal.GetReference(dx);
        int half = angle.Length / 2, i = 0;
        for (; i + TLanes.Count <= half; i += TLanes.Count)
        {
            nuint first = (nuint)i, second = (nuint)(i + half);
            TVector d1 = TLanes.Load(in from, first), d2 = TLanes.Load(in from, second), cos = TLanes.Load(in angles, first), sin = TLanes.Load(in angles, second);
            var sum1 = TLanes.Add(TLanes.Multiply(d1, cos), TLanes.Multiply(d2, sin));
            var sum2 = TLanes.Subtract(TLanes.Multiply(d2, cos), TLanes.Multiply(d1, sin));
            TLanes.Store(add ? TLanes.Add(TLanes.Load(in to, first), sum1) : sum1, ref to, first);
            TLanes.Store(add ? TLanes.Add(TLanes.Load(in to, second), sum2) : sum2, ref to, second);
        }
        for (; i < half; i++)
        {
            dx[i] = (add ? dx[i] : 0) + dy[i] * angle[i] + dy[i + half] * angle[i + half];
            dx[i + half] = (add ? dx[i + half] : 0) + dy[i + half] * angle[i] - dy[i] * angle[i + half];
        }
    }
}
