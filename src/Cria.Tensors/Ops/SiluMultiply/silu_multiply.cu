// silu_multiply.cu: y = silu(g) · u, the gate of SwiGLU, forward and backward. The formulas stand in SiluMultiply.cs.
#include "common.cuh"

__device__ inline float sigmoid(float x) { return 1 / (1 + __expf(-x)); }

extern "C" __global__ void silu_multiply(const act* gate, const act* up, act* y, index_t count)
{
    map(y, count, [](float g, float u) { return g * sigmoid(g) * u; }, gate, up);
}

// dg = dy · u · s · (1 + g · (1 − s)),  du = dy · g · s,  s = σ(g). A null gradient is skipped.
extern "C" __global__ void silu_multiply_backward(
    const act* gate, const act* up, const act* dy, act* dGate, int addsGate, act* dUp, int addsUp, index_t count)
{
    const int n = width<act>::value;
    index_t i = ((index_t)blockIdx.x * blockDim.x + threadIdx.x) * n;
    auto slope = [](float g, float u, float d)
    {
        float s = sigmoid(g);
        return d * u * s * (1 + g * (1 - s));
    };
    if (i + n > count)
    {
        for (; i < count; i++)
        {
            float g = to_float(gate[i]), d = to_float(dy[i]), dg = slope(g, to_float(up[i]), d), du = d * g * sigmoid(g);
            if (dGate)
                set(dGate[i], addsGate ? to_float(dGate[i]) + dg : dg);
            if (dUp)
                set(dUp[i], addsUp ? to_float(dUp[i]) + du : du);
        }
        return;
    }

    floats<n> g = load<n>(gate + i), u = load<n>(up + i), d = load<n>(dy + i), dg, du;
#pragma unroll
    for (int k = 0; k < n; k++)
    {
        dg.at[k] = slope(g.at[k], u.at[k], d.at[k]);
        du.at[k] = d.at[k] * g.at[k] * sigmoid(g.at[k]);
    }
    if (dGate)
        store<n>(dGate + i, addsGate ? plus(load<n>(dGate + i), dg) : dg);
    if (dUp)
        store<n>(dUp + i, addsUp ? plus(load<n>(dUp + i), du) : du);
}
