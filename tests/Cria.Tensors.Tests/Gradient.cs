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
            float[] numbers = inputs[t].ToArray(), gradients = inputs[t].Gradient!.ToArray();
            for (int i = 0; i < numbers.Length; i++)
            {
                double expected = Slope(function, inputs, weights, inputs[t], numbers, i);
                double found = gradients[i];
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

    private static double Slope(Func<Tensor[], Tensor> function, Tensor[] inputs, float[] weights, Tensor input, float[] numbers, int at)
    {
        float center = numbers[at];
        double after = SumAt(center + Step), before = SumAt(center - Step);
        numbers[at] = center;
        input.Set(numbers);
        return (after - before) / (2 * Step);

        double SumAt(float number)
        {
            numbers[at] = number;
            input.Set(numbers);
            return Sum(function, inputs, weights);
        }
    }

    private static double Sum(Func<Tensor[], Tensor> function, Tensor[] inputs, float[] weights)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        float[] y = function(inputs).ToArray();
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
            sum += (double)y[i] * weights[i];
        return sum;
    }
}
