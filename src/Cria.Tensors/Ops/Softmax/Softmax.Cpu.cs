using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Softmax(Tensor x, Tensor y) => Workers.For(y.Shape.Rows, row => SoftmaxRow(x.Row(row), y.Row(row)));

    internal override void SoftmaxBackward(Tensor y, Tensor dy, Tensor dx)
    {
        dx.Settle();
        Workers.For(y.Shape.Rows, row =>
        {
            ReadOnlySpan<float> p = y.Row(row), dp = dy.Row(row);
            var sum = dx.Row(row);
            float mean = TensorPrimitives.Dot(p, dp);
            Span<float> part = stackalloc float[StackFloats];
            for (int i = 0; i < p.Length; i += StackFloats)
            {
                int count = Math.Min(StackFloats, p.Length - i);
                var d = part[..count];
                TensorPrimitives.Subtract(dp.Slice(i, count), mean, d);
                TensorPrimitives.MultiplyAdd(d, p.Slice(i, count), sum.Slice(i, count), sum.Slice(i, count));
            }
        });
    }

    // Temporaries of this many numbers live on the stack and in the first cache.
    private const int StackFloats = 512;

    // y = exp(x − m) / Σ: returns m + ln Σ, of which every probability of the row can be made again.
    private static float SoftmaxRow(ReadOnlySpan<float> x, Span<float> y)
    {
        float largest = TensorPrimitives.Max(x);
        x.CopyTo(y);
        float sum = ExpSum(y, largest);
        TensorPrimitives.Multiply(y, 1 / sum, y);
        return largest + MathF.Log(sum);
    }

    private static float ExpSum(Span<float> x, float largest)
    {
        if (Vector512.IsHardwareAccelerated)
            return Simd.ExpSum<Lanes512, Vector512<float>>(x, largest);
        if (Vector256.IsHardwareAccelerated)
            return Simd.ExpSum<Lanes256, Vector256<float>>(x, largest);
        return Simd.ExpSum<Lanes128, Vector128<float>>(x, largest);
    }
}
