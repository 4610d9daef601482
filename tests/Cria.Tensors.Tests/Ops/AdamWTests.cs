namespace Cria.Tensors.Tests.Ops;

public class AdamWTests
{
    [Theory, OnEveryDevice]
    public void The_first_step_moves_by_the_learning_rate_against_the_sign(TestDevice device)
    {
        var (p, g) = (device.Tensor([1, 1, 1]), device.Tensor([0.5f, -8, 0]));
        var (m, v) = (device.Backend.Zeros(p.Shape), device.Backend.Zeros(p.Shape));

        device.Backend.AdamW(p, g, m, v, new AdamWOptions { LearningRate = 0.1f, WeightDecay = 0.5 }, step: 1);

        // First the decay, 1 − 0.1 · 0.5; then 0.1 · g/|g|, as both corrections cancel the shares of the first gradient.
        Near.Equal([0.85f, 1.05f, 0.95f], p);
        Near.Equal([0.05f, -0.8f, 0], m);
        Near.Equal([0.00025f, 0.064f, 0], v);
    }

    [Theory, OnEveryDevice]
    public void Ten_steps_agree_with_double_precision(TestDevice device)
    {
        var options = new AdamWOptions { LearningRate = 3e-3, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.1 };
        var p = device.Random(seed: 1, 1_000);
        var (m, v) = (device.Backend.Zeros(p.Shape), device.Backend.Zeros(p.Shape));
        float[] expected = Reference(p.ToArray(), options, steps: 10);

        for (int step = 1; step <= 10; step++)
            device.Backend.AdamW(p, device.Random(seed: 100 + step, 1_000), m, v, options, step, gradientScale: 0.25f);

        Near.Equal(expected, p);
    }

    [Theory, OnEveryDevice]
    public void States_of_eight_bits_follow_those_of_floats(TestDevice device)
    {
        var options = new AdamWOptions { LearningRate = 1e-2, WeightDecay = 0 };
        var (p, exact) = (device.Random(seed: 1, 5_000), device.Random(seed: 1, 5_000));
        var (m, v) = (device.Backend.Zeros(p.Shape, DataType.Dynamic8), device.Backend.Zeros(p.Shape, DataType.Dynamic8Unsigned));
        var (mean, square) = (device.Backend.Zeros(p.Shape), device.Backend.Zeros(p.Shape));

        for (int step = 1; step <= 20; step++)
        {
            var gradient = device.Random(seed: 100 + step, 5_000);
            device.Backend.AdamW(p, gradient, m, v, options, step);
            device.Backend.AdamW(exact, gradient, mean, square, options, step);
        }

        Assert.Equal(260 * 20, m.Storage.Length);
        double apart = p.ToArray().Zip(exact.ToArray(), (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(apart, double.Epsilon, 0.1 * options.LearningRate * 20);
    }

    [Fact]
    public void The_defaults_are_those_of_PyTorch()
    {
        Assert.Equal((1e-3, 0.9, 0.999, 1e-8, 0.01), Fields(new AdamWOptions()));
    }

    private static (double, double, double, double, double) Fields(AdamWOptions o) => (o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay);

    private static float[] Reference(float[] start, AdamWOptions o, int steps)
    {
        double[] p = [.. start], m = new double[p.Length], v = new double[p.Length];
        for (int step = 1; step <= steps; step++)
        {
            float[] gradient = Some.Floats(p.Length, seed: 100 + step);
            for (int i = 0; i < p.Length; i++)
            {
                double g = gradient[i] * 0.25;
                p[i] *= 1 - o.LearningRate * o.WeightDecay;
                m[i] = o.Beta1 * m[i] + (1 - o.Beta1) * g;
                v[i] = o.Beta2 * v[i] + (1 - o.Beta2) * g * g;
                double meanNow = m[i] / (1 - Math.Pow(o.Beta1, step)), rootNow = Math.Sqrt(v[i] / (1 - Math.Pow(o.Beta2, step)));
                p[i] -= o.LearningRate * meanNow / (rootNow + o.Epsilon);
            }
        }
        return [.. p.Select(x => (float)x)];
    }
}
