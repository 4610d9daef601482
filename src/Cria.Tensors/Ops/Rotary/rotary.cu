// rotary.cu: rotary position embedding, forward and backward, and its angles. The formulas stand in Rotary.cs.
#include "common.cuh"

// angles[row] = cos(position · ω), then sin(position · ω), in single precision: a thread for each row and ω.
extern "C" __global__ void rotary_angles(const float* inverseFrequencies, const int* positions, float* angles, int rows, int half)
{
    index_t i = (index_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (index_t)rows * half)
        return;
    index_t row = i / half;
    int pair = (int)(i % half);
    float angle = positions[row] * inverseFrequencies[pair];
    angles[row * 2 * half + pair] = cosf(angle);
    angles[row * 2 * half + half + pair] = sinf(angle);
}

// N pairs: y₁ = x₁ cos − x₂ sin,  y₂ = x₂ cos + x₁ sin, where sin has the sign of the direction.
template <int N>
__device__ inline void turn(const act* x, const float* angle, float direction, act* y, int adds, int half)
{
    floats<N> first = load<N>(x), second = load<N>(x + half), cos = load<N>(angle), sin = load<N>(angle + half), y1, y2;
#pragma unroll
    for (int k = 0; k < N; k++)
    {
        float s = direction * sin.at[k];
        y1.at[k] = first.at[k] * cos.at[k] - second.at[k] * s;
        y2.at[k] = second.at[k] * cos.at[k] + first.at[k] * s;
    }
    store<N>(y, adds ? plus(load<N>(y), y1) : y1);
    store<N>(y + half, adds ? plus(load<N>(y + half), y2) : y2);
}

// Turns x (rows, columns) by the angles of its rows (rows, 2 · half), or back where direction is −1. A thread turns a pack of pairs, or
// one pair where a half head is no whole packs.
extern "C" __global__ void rotate(const act* x, const float* angles, float direction, act* y, int adds, int rows, int columns, int half)
{
    const int n = width<act>::value;
    bool packs = half % n == 0;
    int each = packs ? n : 1, threadsOfRow = columns / 2 / each;
    index_t i = (index_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= (index_t)rows * threadsOfRow)
        return;
    index_t row = i / threadsOfRow;
    int pair = (int)(i % threadsOfRow) * each, head = pair / half, inside = pair % half;
    index_t at = row * columns + head * 2 * half + inside;
    const float* angle = angles + row * 2 * half + inside;
    if (packs)
        turn<n>(x + at, angle, direction, y + at, adds, half);
    else
        turn<1>(x + at, angle, direction, y + at, adds, half);
}
