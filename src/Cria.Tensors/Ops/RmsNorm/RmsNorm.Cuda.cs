namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor r)
    {
        if (!NormWaits(x, weight, epsilon, y, r))
            LaunchRows(x, "rms_norm", "rms_norm", x, weight, epsilon, y, r, x.Shape.Columns);
    }

    internal override void RmsNormBackward(Tensor x, Tensor weight, Tensor r, Tensor dy, Tensor? dx, Tensor? dw)
    {
        if (dx is not null)
            LaunchRows(x, "rms_norm", "rms_norm_backward", x, weight, r, dy, dx, dx.Adds(), x.Shape.Columns);
        if (dw is not null)
            SumOverRows(x, dw, (parts, rowsOfPart, blocksX, blocksY) => Launch(
                x.Type, "rms_norm", "rms_norm_backward_w", blocksX, blocksY, 1, RowThreads, 0, x, r, dy, parts, x.Shape.Rows, x.Shape.Columns, rowsOfPart));
    }
}
