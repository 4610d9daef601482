using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void Linear(Tensor x, Tensor weight, Tensor y) =>
        Workers.For(x.Shape.Rows, row => weight.Type.Format.Dot(weight.Storage, 0, x.Row(row), y.Row(row)));

    internal override void LinearBackward(Tensor x, Tensor weight, Tensor dy, Tensor? dx, Tensor? dw)
    {
        var w = new float[weight.Shape.Columns];
        for (int o = 0; o < weight.Shape.Rows; o++)
        {
            weight.Type.Format.Read(weight.Storage, (long)o * w.Length, w);
            for (int n = 0; n < x.Shape.Rows; n++)
            {
                float d = dy.Row(n)[o];
                if (dx is not null)
                    TensorPrimitives.MultiplyAdd(w, d, dx.Row(n), dx.Row(n));
                if (dw is not null)
                    TensorPrimitives.MultiplyAdd(x.Row(n), d, dw.Row(o), dw.Row(o));
            }
        }
    }
}
