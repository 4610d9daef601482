namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int AdamWThreads = 256, AdamWChunk = 1024;

    internal override void AdamWChecked(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamWFactors factors) =>
        AdamWChecked([(parameter, gradient, mean, square)], factors);

    internal override void AdamWChecked(ReadOnlySpan<(Tensor Parameter, Tensor Gradient, Tensor Mean, Tensor Square)> tensors, AdamWFactors factors)
    {
        var table = new AdamWEntry[tensors.Length];
        long chunks = 0;
        for (int i = 0; i < table.Length; i++)
        {
            var (parameter, gradient, mean, square) = tensors[i];
            gradient.Settle();
            long count = parameter.Shape.Length;
            table[i] = new AdamWEntry(
                parameter.Storage.Pointer, gradient.Storage.Pointer, mean.Storage.Pointer, square.Storage.Pointer, count, chunks, mean.Type.IsFloat ? 0 : 1);
            chunks += (count + AdamWChunk - 1) / AdamWChunk;
        }
        Launch(
            DataType.F32, "adamw", "adamw", checked((int)chunks), 1, 1, AdamWThreads, 0,
            Upload<AdamWEntry>(table), table.Length, Upload<AdamWFactors>([factors]));
    }

    // As adamw.cu has it.
    private readonly record struct AdamWEntry(nint Parameter, nint Gradient, nint Mean, nint Square, long Count, long FirstChunk, long IsBlocks);
}
