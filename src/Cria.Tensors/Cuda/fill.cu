// fill.cu: numbers out of nothing: one value, or random ones. Number i is drawn from the stream of RandomSource at its own place, so a
// device gives what the processor gives (up to the last bits of logarithm and cosine).
#include "common.cuh"

extern "C" __global__ void fill(act* y, float value, index_t count)
{
    map(y, count, [=]() { return value; });
}

// Draw n of the stream: uniform from 0 to below 1.
__device__ inline double draw(ulong seed, ulong n)
{
    ulong z = seed + (n + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return (double)((z ^ (z >> 31)) >> 11) * (1.0 / 9007199254740992.0);
}

extern "C" __global__ void uniform(act* y, double bound, ulong seed, index_t count)
{
    index_t i = (index_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count)
        set(y[i], (float)((2 * draw(seed, i) - 1) * bound));
}

extern "C" __global__ void normal(act* y, double deviation, ulong seed, index_t count)
{
    index_t i = (index_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count)
        set(y[i], (float)(sqrt(-2 * log(1 - draw(seed, 2 * i))) * cos(6.283185307179586 * draw(seed, 2 * i + 1)) * deviation));
}
