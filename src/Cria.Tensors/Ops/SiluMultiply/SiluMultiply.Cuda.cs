namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void SiluMultiply(Tensor gate, Tensor up, Tensor y)
    {
        if (!GateEnds(gate, up, y))
            LaunchMap(y, "silu_multiply", "silu_multiply", gate, up, y, y.Shape.Length);
    }

    internal override void SiluMultiplyBackward(Tensor gate, Tensor up, Tensor dy, Tensor? dGate, Tensor? dUp) =>
        LaunchMap(dy, "silu_multiply", "silu_multiply_backward", gate, up, dy, dGate, dGate?.Adds() ?? 0, dUp, dUp?.Adds() ?? 0, dy.Shape.Length);
}
