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
            float[] before = y.Floats().ToArray();
            y.Backward(device.Random(seed: 3, 50_003));
            return [device.Tensor(before), gate.Gradient!, up.Gradient!];
        });
    }
}
