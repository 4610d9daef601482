namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void CrossEntropy(Tensor logits, ReadOnlyMemory<int> targets, Tensor? losses, float? gradientScale, Tensor? times = null)
    {
        const int Threads = 512;
        Launch(
            logits.Type, "cross_entropy", "cross_entropy", targets.Length, 1, 1, Threads, 0,
            logits, Upload(targets.Span), losses, gradientScale is null ? 0 : 1, gradientScale ?? 0, times, logits.Shape.Columns);
    }
}
