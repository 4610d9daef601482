using System.Runtime.Intrinsics;

namespace Cria.Tensors.Tests.Ops;

public class SiluMultiplyTests
{
    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        var gate = device.Tensor([0, MathF.Log(3), -MathF.Log(3)]);
        var up = device.Tensor([5, 4, 8]);

        var y = Tensor.SiluMultiply(gate, up);

        // σ(±ln 3) is 3/4 and 1/4.
        Near.Equal([0, 3 * MathF.Log(3), -2 * MathF.Log(3)], y);
    }

    [Theory, OnEveryDevice]
    public void Far_out_the_gate_is_open_or_shut(TestDevice device)
    {
        var y = Tensor.SiluMultiply(device.Tensor([200, -200]), device.Tensor([1, 1]));

        Near.Equal([200, 0], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Gradient.Check(device, t => Tensor.SiluMultiply(t[0], t[1]), new Shape(3, 11), new Shape(3, 11));
    }

    [Theory, OnEveryDevice]
    public void A_gate_that_multiplies_itself_gets_both_gradients(TestDevice device)
    {
        Gradient.Check(device, t => Tensor.SiluMultiply(t[0], t[0]), new Shape(600));
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var (gate, up) = (device.Trained(seed: 1, 50_003), device.Trained(seed: 2, 50_003));
            var y = Tensor.SiluMultiply(gate, up);
            float[] before = y.ToArray();
            y.Backward(device.Random(seed: 3, 50_003));
            return [device.Tensor(before), gate.Gradient!, up.Gradient!];
        });
    }

    [Theory, InlineData(1), InlineData(16), InlineData(37)]
    public void Every_width_agrees_with_the_formula(int length)
    {
        Check<Lanes128, Vector128<float>>(length);
        Check<Lanes256, Vector256<float>>(length);
        Check<Lanes512, Vector512<float>>(length);
    }

    private static void Check<TLanes, TVector>(int length)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float[] gate = Some.Floats(length, 1), up = Some.Floats(length, 2), dy = Some.Floats(length, 3);
        float[] y = new float[length], dGate = new float[length], dUp = new float[length];

        SiluGate<TLanes, TVector>.Forward(gate, up, y);
        Array.Fill(dGate, float.NaN);
        Array.Fill(dUp, float.NaN);
        SiluGate<TLanes, TVector>.Backward(gate, up, dy, dGate, addGate: false, dUp, addUp: false);
        float[] gateTwice = [.. dGate], upTwice = [.. dUp];
        SiluGate<TLanes, TVector>.Backward(gate, up, dy, gateTwice, addGate: true, upTwice, addUp: true);

        for (int i = 0; i < length; i++)
        {
            double s = 1 / (1 + Math.Exp(-gate[i]));
            Near.Equal(gate[i] * s * up[i], y[i]);
            Near.Equal(dy[i] * up[i] * s * (1 + gate[i] * (1 - s)), dGate[i]);
            Near.Equal(dy[i] * gate[i] * s, dUp[i]);
            Near.Equal(2 * dGate[i], gateTwice[i]);
            Near.Equal(2 * dUp[i], upTwice[i]);
        }
    }
}
