namespace Cria.Tensors.Tests.Ops;

public class AppendRowsTests
{
    [Theory, OnEveryDevice]
    public void Rows_go_behind_those_that_a_span_sees_already(TestDevice device)
    {
        var from = device.Tensor([1, 2, 3, 4, 5, 6], 3, 2);
        var to = device.Backend.Zeros(new Shape(7, 2));

        device.Backend.AppendRows(from, to, [new AttentionSpan(0, 1, 0, 3), new AttentionSpan(1, 2, 4, 3)]);

        Near.Equal([0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 3, 4, 5, 6], to);
    }

    [Theory, OnEveryDevice]
    public void Many_rows_go_there_as_well(TestDevice device)
    {
        var from = device.Random(1, 20, 3);
        var to = device.Backend.Zeros(new Shape(25, 3));

        device.Backend.AppendRows(from, to, [new AttentionSpan(0, 20, 0, 24)]);

        Near.Equal([.. new float[12], .. from.ToArray(), .. new float[3]], to);
    }

    [Theory, OnEveryDevice]
    public void Turned_keys_and_values_of_one_row_arrive_as_one_by_one(TestDevice device)
    {
        var spans = new[] { new AttentionSpan(0, 1, 0, 2), new AttentionSpan(1, 1, 4, 3) };
        var angles = Rotary.Angles(device.Backend, RotaryFrequencies.Plain(8, 10_000), [1, 2]);
        var (q, k, v) = (device.Random(1, 2, 32), device.Random(2, 2, 16), device.Random(3, 2, 16));
        var (keys, values) = (device.Backend.Zeros(new Shape(8, 16)), device.Backend.Zeros(new Shape(8, 16)));

        var (turnedQ, turnedK) = (q.Rotate(angles), k.Rotate(angles));
        device.Backend.AppendRows(turnedK, keys, spans);
        device.Backend.AppendRows(v, values, spans);

        using var cpu = TestDevice.Cpu();
        var host = angles.On(cpu.Backend);
        Near.Equal(q.On(cpu.Backend).Rotate(host).ToArray(), turnedQ);
        float[] expected = k.On(cpu.Backend).Rotate(host).ToArray();
        Near.Equal(expected, turnedK);
        Near.Equal([.. new float[16], .. expected[..16], .. new float[64], .. expected[16..], .. new float[16]], keys);
        Near.Equal([.. new float[16], .. v.ToArray()[..16], .. new float[64], .. v.ToArray()[16..], .. new float[16]], values);
    }

    [Theory, OnEveryDevice]
    public void Rows_outside_are_refused(TestDevice device)
    {
        var (from, to) = (device.Random(1, 3, 2), device.Random(2, 4, 2));

        Assert.Equal("[AppendRows] rows of the cache: 3 + 2 lie outside of 4.", Assert.Throws<ShapeException>(() => device.Backend.AppendRows(from, to, [new AttentionSpan(0, 2, 0, 5)])).Message);
        Assert.Equal("[AppendRows] rows of the source: 2 + 2 lie outside of 3.", Assert.Throws<ShapeException>(() => device.Backend.AppendRows(from, to, [new AttentionSpan(2, 2, 0, 4)])).Message);
    }
}
