using System.Numerics.Tensors;

namespace Cria.Tensors.Quantization;

/// <summary>Plain single-precision numbers.</summary>
internal sealed class F32Format : BlockFormat
{
    public override int BlockLength => 1;

    public override long Bytes(long elements) => checked(elements * sizeof(float));

    public override void Read(Storage from, long element, Span<float> to) => from.Floats(element, to.Length).CopyTo(to);

    public override float Dot(Storage from, long element, ReadOnlySpan<float> x) =>
        TensorPrimitives.Dot(from.Floats(element, x.Length), x);

    public override void Quantize(Tensor from, Storage to, CpuBackend on)
    {
        for (int row = 0; row < from.Shape.Rows; row++)
        {
            long element = (long)row * from.Shape.Columns;
            from.Type.Format.Read(from.Storage, element, to.Floats(element, from.Shape.Columns));
        }
    }
}
