using System.Runtime.Intrinsics;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void SiluMultiply(Tensor gate, Tensor up, Tensor y) => ForChunks(y.Shape.Length, (start, count) =>
    {
        ReadOnlySpan<float> g = gate.Storage.Floats(start, count), u = up.Storage.Floats(start, count);
        var result = y.Storage.Floats(start, count);
        if (Vector512.IsHardwareAccelerated)
            SiluGate<Lanes512, Vector512<float>>.Forward(g, u, result);
        else if (Vector256.IsHardwareAccelerated)
            SiluGate<Lanes256, Vector256<float>>.Forward(g, u, result);
        else
            SiluGate<Lanes128, Vector128<float>>.Forward(g, u, result);
    });

    internal override void SiluMultiplyBackward(Tensor gate, Tensor up, Tensor dy, Tensor? dGate, Tensor? dUp)
    {
        // In the kernel's order: where both are one tensor's, the second finds what the first wrote.
        bool addUp = dUp?.Adds() == 1, addGate = dGate?.Adds() == 1;
        ForChunks(dy.Shape.Length, (start, count) =>
        {
            ReadOnlySpan<float> g = gate.Storage.Floats(start, count), u = up.Storage.Floats(start, count), d = dy.Storage.Floats(start, count);
            Span<float> dg = dGate is null ? [] : dGate.Storage.Floats(start, count), du = dUp is null ? [] : dUp.Storage.Floats(start, count);
            if (Vector512.IsHardwareAccelerated)
                SiluGate<Lanes512, Vector512<float>>.Backward(g, u, d, dg, addGate, du, addUp);
            else if (Vector256.IsHardwareAccelerated)
                SiluGate<Lanes256, Vector256<float>>.Backward(g, u, d, dg, addGate, du, addUp);
            else
                SiluGate<Lanes128, Vector128<float>>.Backward(g, u, d, dg, addGate, du, addUp);
        });
    }
}
