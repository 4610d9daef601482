namespace Cria.Tensors.Quantization;

/// <summary>Double quantisation looks at the scales of the whole tensor before it writes a block.</summary>
internal sealed class NF4DQFormat : BlockFormat<NF4DQ>
{
    public override void Quantize(Tensor from, Storage to, Workers workers)
    {
        var scales = Scales(from, workers);
        WriteScales(scales, to);
        base.Quantize(from, to, workers);
    }

    private static float[] Scales(Tensor from, Workers workers)
    {
        int columns = from.Shape.Columns;
        var scales = new float[(from.Shape.Length + NF4DQ.Length - 1) / NF4DQ.Length];
        workers.For(from.Shape.Rows, row =>
        {
            long element = (long)row * columns;
            using var line = new Scratch(columns);
            from.Type.Format.Read(from.Storage, element, line.Floats);
            for (int i = 0; i < columns; i += NF4DQ.Length)
                scales[(element + i) / NF4DQ.Length] = CodeBook.MaxMagnitude(line.Floats[i..Math.Min(columns, i + NF4DQ.Length)]);
        });
        return scales;
    }

    private static void WriteScales(float[] scales, Storage to)
    {
        double sum = 0;
        foreach (float scale in scales)
            sum += scale;
        float offset = scales.Length == 0 ? 0 : (float)(sum / scales.Length);
        for (int first = 0; first < scales.Length; first += NF4DQ.GroupBlocks)
        {
            var group = scales.AsSpan(first, Math.Min(NF4DQ.GroupBlocks, scales.Length - first));
            WriteGroup(group, offset, to.Bytes((long)first / NF4DQ.GroupBlocks * NF4DQ.GroupSize, NF4DQ.Header + group.Length * NF4DQ.BlockSize));
        }
    }

    private static void WriteGroup(Span<float> scales, float offset, Span<byte> group)
    {
        float largest = 0;
        foreach (ref float scale in scales)
        {
            scale -= offset;
            largest = Math.Max(largest, Math.Abs(scale));
        }
        BitConverter.TryWriteBytes(group, largest);
        BitConverter.TryWriteBytes(group[NF4DQ.Offset..], offset);

        float inverse = CodeBook.Inverse(largest);
        for (int i = 0; i < scales.Length; i++)
            group[NF4DQ.Header + i * NF4DQ.BlockSize] = (byte)CodeBook.Nearest(DynamicMap.Codes, scales[i] * inverse);
    }
}
