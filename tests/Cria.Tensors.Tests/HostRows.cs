namespace Cria.Tensors.Tests;

internal static class HostRows
{
    /// <summary>A copy of one row, from any device.</summary>
    public static float[] HostRow(this Tensor tensor, int row) => tensor.ToArray().AsSpan(row * tensor.Shape.Columns, tensor.Shape.Columns).ToArray();
}
