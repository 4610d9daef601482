namespace Cria.Tensors.Tests;

public class StreamedTensorsTests
{
    private const int Size = 96, Rows = 24;

    [Theory, OnEveryDevice]
    public void A_processor_has_nowhere_to_stream_to_and_a_card_has(TestDevice device)
    {
        Assert.Equal(device.Backend is CudaBackend, device.Backend.Stream() is not null);
    }

    // Odd and even counts, since two slots are filled by turns; forward and back as in training, and from the first again as in decoding.
    [Theory, OnEveryDevice]
    public void Products_with_streamed_weights_are_those_with_resident_ones(TestDevice device)
    {
        Assert.SkipUnless(device.Backend is CudaBackend, "Only to a card are weights streamed.");
        foreach (int groups in (int[])[1, 2, 3, 4, 7])
        {
            var resident = Enumerable.Range(0, groups).Select(i => device.Random(i, Size, Size)).ToList();
            var place = device.Backend.Stream()!;
            var streamed = Enumerable.Range(0, groups).Select(i => place.Add([device.Random(i, Size, Size)])[0]).ToList();

            for (int step = 0; step < 3; step++)
            {
                Assert.Equal(Trained(device, resident, step), Trained(device, streamed, step));
                Assert.Equal(Decoded(device, resident, step), Decoded(device, streamed, step));
                Assert.Equal(Decoded(device, resident, step + 7), Decoded(device, streamed, step + 7));
            }
        }
    }

    [Theory, OnEveryDevice]
    public void Streamed_tensors_are_read_as_any_and_are_not_trained(TestDevice device)
    {
        Assert.SkipUnless(device.Backend is CudaBackend, "Only to a card are weights streamed.");
        var place = device.Backend.Stream()!;
        float[][] numbers = [.. Enumerable.Range(0, 3).Select(i => device.Random(i, 4, 64).ToArray())];
        var tensors = Enumerable.Range(0, 3).Select(i => place.Add([device.Random(i, 4, 64), device.Random(i, 4, 64).To(DataType.Q8)])).ToList();

        Assert.All([2, 0, 1], i => Assert.Equal(numbers[i], tensors[i][0].ToArray()));
        Near.Equal(numbers[1], tensors[1][1].ToArray(), 0.01);
        Assert.Equal(3 * (4 * 64 * sizeof(float) + 512), place.HostBytes);
        Assert.Throws<ShapeException>(() => tensors[0][0].RequiresGradient = true);
        Assert.Throws<InvalidOperationException>(() => place.Add([device.Random(1, 4, 64)]));
    }

    private static float[][] Trained(TestDevice device, List<Tensor> weights, int seed)
    {
        var x = device.Trained(100 + seed, Rows, Size);
        using var scope = TensorScope.Begin();
        var y = Through(x, weights);
        y.Backward(device.Backend.From(Some.Floats(Rows * Size, 9), y.Shape));
        return [y.ToArray(), x.Gradient!.ToArray()];
    }

    private static float[] Decoded(TestDevice device, List<Tensor> weights, int seed)
    {
        using var off = Gradients.Off();
        using var scope = TensorScope.Begin();
        return Through(device.Random(200 + seed, 1, Size), weights).ToArray();
    }

    private static Tensor Through(Tensor x, List<Tensor> weights) => weights.Aggregate(x, (y, weight) => y.Linear(weight) * 0.2f);
}
