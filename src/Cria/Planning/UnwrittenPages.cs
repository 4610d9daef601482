using Cria.Models;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Planning;

/// <summary>The memory of <see cref="Moments.Paged"/> without its file: the moments of one tensor at a time.</summary>
internal sealed class UnwrittenPages(IReadOnlyList<Parameter> trained) : Moments
{
    public override void Use(IReadOnlyList<int> indices, Action<IReadOnlyList<(int Index, Tensor Mean, Tensor Square)>> step)
    {
        foreach (int index in indices)
        {
            using var scope = TensorScope.Begin();
            var tensor = trained[index].Value;
            step([(index, tensor.Device.Empty(tensor.Shape), tensor.Device.Empty(tensor.Shape))]);
        }
    }

    public override void Write(string folder) => throw new NotSupportedException("A plan has no moments.");

    public override void Restore(string folder) => throw new NotSupportedException("A plan has no moments.");

    public override void Dispose()
    {
    }
}
