using System.Runtime.Intrinsics;

namespace Cria.Tensors.Tests.Cpu;

public class SimdTests
{
    [Fact]
    public void The_exponential_is_right_in_every_width()
    {
        Check<Lanes128, Vector128<float>>();
        Check<Lanes256, Vector256<float>>();
        Check<Lanes512, Vector512<float>>();
    }

    [Fact]
    public void The_exponential_of_what_is_no_number_is_none_and_of_minus_infinity_zero()
    {
        Assert.True(float.IsNaN(Exp<Lanes128, Vector128<float>>(float.NaN)));
        Assert.True(float.IsNaN(Exp<Lanes256, Vector256<float>>(float.NaN)));
        Assert.True(float.IsNaN(Exp<Lanes512, Vector512<float>>(float.NaN)));
        Assert.Equal(0, Exp<Lanes128, Vector128<float>>(float.NegativeInfinity));
        Assert.Equal(0, Exp<Lanes256, Vector256<float>>(-1e30f));
        Assert.Equal(0, Exp<Lanes512, Vector512<float>>(-100));
        Assert.InRange(Exp<Lanes512, Vector512<float>>(1000), 1e38f, float.MaxValue);
    }

    private static void Check<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        for (float x = -87.3f; x < 88; x += 0.0173f)
            Assert.InRange(Exp<TLanes, TVector>(x) / Math.Exp(x), 1 - Tolerances.Exponential, 1 + Tolerances.Exponential);
        Assert.Equal(1, Exp<TLanes, TVector>(0));
    }

    private static float Exp<TLanes, TVector>(float x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        Span<float> numbers = stackalloc float[TLanes.Count];
        TLanes.Store(Simd.Exp<TLanes, TVector>(TLanes.Splat(x)), ref numbers[0], 0);
        Assert.Equal(numbers[0], numbers[^1]);
        return numbers[0];
    }
}
