using Cria.Models;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>A trained linear map through a narrow middle: y = B A x.</summary>
internal sealed class LowRank
{
    private readonly Parameter a;       // (r, in)
    private readonly Parameter b;       // (out, r)

    public LowRank(Adapter adapter, string path, int @in, int rank, int @out, Backend device, ulong seed)
    {
        // Both even within ±1/√(inputs), as a linear layer of PyTorch begins.
        a = adapter.Train($"{path}_A.weight", device.Uniform(new Shape(rank, @in), 1 / MathF.Sqrt(@in), RandomSource.Mix(seed, 0)));
        b = adapter.Train($"{path}_B.weight", device.Uniform(new Shape(@out, rank), 1 / MathF.Sqrt(rank), RandomSource.Mix(seed, 1)));
    }

    public Tensor Forward(Tensor x) => x.Linear(a.Value).Linear(b.Value);
}
