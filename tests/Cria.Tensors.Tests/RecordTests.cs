namespace Cria.Tensors.Tests;

public class RecordTests
{
    [Theory, OnEveryDevice]
    public void Recorded_work_reads_what_tokens_positions_and_spans_are_by_then(TestDevice device) => Follow(device, sequences: 2);

    [Theory, OnEveryDevice]
    public void So_it_does_for_more_sequences_than_the_kernels_of_few_rows_take(TestDevice device) => Follow(device, sequences: 11);

    [Theory, OnEveryDevice]
    public void What_looks_at_numbers_is_not_recorded(TestDevice device)
    {
        var x = device.Random(1, 4, 4);
        var inputs = new RecordedInputs([1], [0], [new(0, 1, 0, 1)], MostKeys: 1);

        Assert.Null(device.Backend.Record(inputs, () => x.ToArray()));
        Near.Equal([2 * x.ToArray()[0]], (x + x).ToArray().AsSpan(0, 1));    // and the device goes on
    }

    [Theory, OnEveryDevice]
    public void Other_spans_are_refused(TestDevice device)
    {
        var decoding = new Decoding(device);
        var inputs = new RecordedInputs([1, 2], [0, 0], [new(0, 1, 0, 1), new(1, 1, 40, 1)], MostKeys: 2);
        decoding.Step(inputs);
        using var work = device.Backend.Record(inputs, () => decoding.Step(inputs));
        inputs.Spans[1] = new(1, 1, 40, 3);

        if (work is not null)
            Assert.Contains("see at most 2 keys", Assert.Throws<ArgumentException>(work.Run).Message, StringComparison.Ordinal);
    }

    private static void Follow(TestDevice device, int sequences)
    {
        var decoding = new Decoding(device, sequences);
        var inputs = new RecordedInputs([.. Enumerable.Range(1, sequences).Select(i => i % 7)], new int[sequences], decoding.Spans(keys: 1), MostKeys: 40);
        float[] plain = decoding.Read(() => decoding.Step(inputs));

        using var work = device.Backend.Record(inputs, () => decoding.Step(inputs));

        Assert.Equal(device.Backend is CudaBackend, work is not null);
        for (int step = 1; step < 30; step++)
        {
            for (int i = 0; i < sequences; i++)
                inputs.Tokens[i] = (2 * i + 1) * step % 7;
            inputs.Positions.AsSpan().Fill(step);
            decoding.Spans(step + 1).CopyTo(inputs.Spans, 0);
            plain = decoding.Read(() => decoding.Step(inputs));
            decoding.Spoil(step);       // or the recorded work would find what the plain one wrote
            if (work is not null)
                Near.Equal(plain, decoding.Read(work.Run));
            else
                decoding.Step(inputs);
        }
    }

    // A step of a model with one layer and two heads, over a cache of some sequences.
    private sealed class Decoding(TestDevice device, int sequences = 2)
    {
        private const int Size = 16, Head = 8, Capacity = 40;

        private readonly Tensor table = device.Random(1, 7, Size), weight = device.Random(2, Size, Size);
        private readonly Tensor keys = device.Backend.Zeros(new Shape(sequences * Capacity, Size)), values = device.Backend.Zeros(new Shape(sequences * Capacity, Size));
        private readonly Tensor result = device.Backend.Lasting(new Shape(sequences, Size), DataType.F32);
        private readonly Tensor nothing = device.Tensor([.. Enumerable.Repeat(float.NaN, Size)], 1, Size);

        public AttentionSpan[] Spans(int keys) => [.. Enumerable.Range(0, sequences).Select(i => new AttentionSpan(i, 1, i * Capacity, keys))];

        public void Step(RecordedInputs inputs)
        {
            using var scope = TensorScope.Begin();
            var angles = Rotary.Angles(device.Backend, RotaryFrequencies.Plain(Head, 10_000), inputs.Positions);
            var x = table.Rows(inputs.Tokens);
            var (q, k) = (x.Linear(weight).Rotate(angles), x.Rotate(angles));
            device.Backend.AppendRows(k, keys, inputs.Spans);
            device.Backend.AppendRows(x, values, inputs.Spans);
            device.Backend.CopyRows(Tensor.Attend(q, keys, values, Head, inputs.Spans), 0, result, 0, sequences);
        }

        public void Spoil(int row)
        {
            for (int i = 0; i < sequences; i++)
            {
                device.Backend.CopyRows(nothing, 0, keys, i * Capacity + row, 1);
                device.Backend.CopyRows(nothing, 0, values, i * Capacity + row, 1);
            }
        }

        public float[] Read(Action step)
        {
            device.Backend.Fill(result, float.NaN);
            step();
            return result.ToArray();
        }
    }
}
