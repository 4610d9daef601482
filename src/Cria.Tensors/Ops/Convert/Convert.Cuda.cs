namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int ConvertThreads = 256, NumbersOfThread = 8, ConvertBlocksOfMultiprocessor = 8;

    internal override void Convert(Tensor from, Tensor to)
    {
        if (to.Type == DataType.FP8)
            StoreFp8(from, to);
        else if (to.Type == DataType.F32 || to.Type == DataType.BF16)
            Dequantize(from, to);
        else if (to.Type == DataType.F16)
            ConvertToHalves(from, to);
        else if (QuantizesHere(to.Type))
            Quantize(from, to);
        else
            Take(from.On(Host).To(to.Type), to);    // searching for scales is work for the processor: no step waits for it
    }

    internal override void ReadRows(Tensor from, Func<int, int> row, Tensor to)
    {
        using var scope = TensorScope.Begin();
        if (from.Type == DataType.FP8)
            from = from.To(DataType.F32);
        int most = ring.MostBytes / sizeof(int);
        int[] rows = [.. Enumerable.Range(0, to.Shape.Rows).Select(row)];
        for (int first = 0; first < rows.Length; first += most)
        {
            var ids = Upload<int>(rows.AsSpan(first, Math.Min(most, rows.Length - first)));
            LookUp(from, ids, to.Type, to.Storage.Pointer + (nint)((long)first * to.Shape.Columns * sizeof(float)));
        }
    }

    // The numbers of a tensor of any storage type as f32 or bf16.
    private void Dequantize(Tensor weight, Tensor to)
    {
        if (weight.Type == DataType.FP8)
            FromFp8(weight, to);
        else
            Launch(
                to.Type, "convert", $"convert_{KernelName(weight.Type)}",
                Math.Min(Blocks(to.Shape.Length, ConvertThreads * NumbersOfThread), ConvertBlocksOfMultiprocessor * card.Multiprocessors), 1, 1, ConvertThreads, 0,
                weight, BlocksOf(weight), 0L, to.Shape.Length, to);
    }

    private void ConvertToHalves(Tensor from, Tensor to)
    {
        using var scope = TensorScope.Begin();
        var floats = from;
        if (from.Type != DataType.F32)
            Dequantize(from, floats = Empty(from.Shape));
        Launch(
            DataType.F32, "convert", "convert_to_f16", Blocks(to.Shape.Length, MapThreads * PackOf(to.Type)), 1, 1, MapThreads, 0,
            floats, to, to.Shape.Length);
    }
}
