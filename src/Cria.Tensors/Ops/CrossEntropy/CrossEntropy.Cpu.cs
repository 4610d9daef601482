using System.Numerics.Tensors;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void CrossEntropy(Tensor logits, ReadOnlyMemory<int> targets, Tensor? losses, float? gradientScale, Tensor? times = null)
    {
        gradientScale *= times?.Floats()[0] ?? 1;
        ForRows(targets.Length, logits.Shape.Columns, row =>
        {
            var numbers = logits.Row(row);
            int target = targets.Span[row];
            float atTarget = numbers[target];
            float logSum = SoftmaxRow(numbers, numbers);
            if (losses is not null)
                losses.Floats()[row] = logSum - atTarget;
            if (gradientScale is not { } scale)
                return;
            TensorPrimitives.Multiply(numbers, scale, numbers);
            numbers[target] -= scale;
        });
    }

    internal override void Sum(Tensor x, float scale, Tensor y)
    {
        double sum = 0;
        foreach (float number in x.Floats())
            sum += number;
        y.Floats()[0] = (float)(scale * sum);
    }
}
