namespace Cria.Tensors.Tests;

/// <summary>Compares what an op's backward pass computes with central differences of its forward pass.</summary>
internal static class Gradient
{
    private const float Step = 1f / 64;

    /// <summary>
    /// Checks the gradient of <paramref name="function"/> for every number of every input. Inputs are random, and so are the
    /// weights by which the results are summed to one number.
    /// </summary>
    public static void Check(TestDevice device, Func<Tensor[], Tensor> function, params Shape[] shapes)
    {
        var inputs = shapes.Select((shape, i) => device.Random(seed: 11 + i, shape)).ToArray();
        Check(device, function, inputs);
    }

    /// <summary>The same for inputs that are given, at the places where they are.</summary>
    public static void Check(TestDevice device, Func<Tensor[], Tensor> function, params Tensor[] inputs)
    {
        foreach (var input in inputs)
            input.RequiresGradient = true;
        float[] weights = RunBackward(device, function, inputs);

        for (int t = 0; t < inputs.Length; t++)
        {
            for (int i = 0; i < inputs[t].Shape.Length; i++)
            {
                double expected = Slope(function, inputs, weights, ref inputs[t].Floats()[i]);
                double found = inputs[t].Gradient!.Floats()[i];
                if (!(Math.Abs(expected - found) <= Tolerances.FiniteDifferences * Math.Max(1, Math.Abs(expected))))
                    Assert.Fail($"Input {t}, number {i}: the difference quotient is {expected}, the gradient {found}.");
            }
        }
    }

    private static float[] RunBackward(TestDevice device, Func<Tensor[], Tensor> function, Tensor[] inputs)
    {
        using var scope = TensorScope.Begin();
        var y = function(inputs);
        float[] weights = Some.Floats(checked((int)y.Shape.Length), seed: 99);
        y.Backward(device.Backend.From(weights, y.Shape));
        return weights;
    }

    private static double Slope(Func<Tensor[], Tensor> function, Tensor[] inputs, float[] weights, ref float at)
    {
        float center = at;
        at = center + Step;
        double after = Sum(function, inputs, weights);
        at = center - Step;
        double before = Sum(function, inputs, weights);
        at = center;
        return (after - before) / (2 * Step);
    }

    private static double Sum(Func<Tensor[], Tensor> function, Tensor[] inputs, float[] weights)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        var y = function(inputs).Floats();
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
            sum += (double)y[i] * weights[i];
        return sum;
    }
}
