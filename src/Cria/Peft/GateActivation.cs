using Cria.Tensors;

namespace Cria.Peft;

/// <summary>What a gate goes through before it weighs anything: at 0 all of them are 0, so a fresh adapter changes nothing.</summary>
internal static class GateActivation
{
    public const string Tanh = "tanh", Identity = "identity";

    public static readonly string[] All = [Tanh, Identity];

    public static Tensor Apply(string activation, Tensor gate) => activation == Tanh ? gate.Tanh() : gate;
}
