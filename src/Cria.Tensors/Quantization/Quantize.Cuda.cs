namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int QuantizeThreads = 256, MeanThreads = 1024, GroupBlocks = 256;

    // Types that the card writes itself; for the others scales are searched for on the processor.
    private static bool QuantizesHere(DataType type) => type == DataType.Q8 || type == DataType.Q4 || type == DataType.NF4 || type == DataType.NF4DQ;

    private void Quantize(Tensor from, Tensor to)
    {
        using var scope = TensorScope.Begin();
        var floats = from;
        if (from.Type != DataType.F32)
            Dequantize(from, floats = Empty(from.Shape));
        using var file = Temporary(to.Storage.Length);
        long blocks = BlocksOf(to);
        if (to.Type == DataType.NF4DQ)
            QuantizeTwice(floats, file, blocks);
        else
            Launch(
                DataType.F32, "quantize", $"quantize_{KernelName(to.Type)}", Blocks(blocks, QuantizeThreads), 1, 1, QuantizeThreads, 0, floats, file, blocks);
        ToPlanes(to.Type, file.Pointer, to.Storage.Pointer, to.Shape.Length);
    }

    private void QuantizeTwice(Tensor floats, TemporaryMemory file, long blocks)
    {
        using var scales = Temporary(blocks * sizeof(float));
        using var mean = Temporary(sizeof(float));
        Launch(DataType.F32, "quantize", "scales_nf4_dq", Blocks(blocks, QuantizeThreads), 1, 1, QuantizeThreads, 0, floats, scales, blocks);
        Launch(DataType.F32, "quantize", "mean_nf4_dq", 1, 1, 1, MeanThreads, 0, scales, mean, blocks);
        Launch(DataType.F32, "quantize", "quantize_nf4_dq", Blocks(blocks, GroupBlocks), 1, 1, GroupBlocks, 0, floats, scales, mean, file, blocks);
    }
}
