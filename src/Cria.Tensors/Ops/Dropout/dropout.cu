// dropout.cu: y += x / (1 − p) where a number stays, nothing where it falls. Which ones fall is what the processor's kernel says:
// the lower half of an index is hashed with a key of the seed and the index's upper half.
#include "common.cuh"

__device__ inline ulong scramble(ulong x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

__device__ inline ulong split_mix(ulong x) { return scramble(x + 0x9E3779B97F4A7C15ull); }

// RandomSource.Mix
__device__ inline ulong mix(ulong pass, ulong place) { return scramble(scramble(pass) + place * 0x9E3779B97F4A7C15ull); }

__device__ inline uint mix(uint x)
{
    x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
    x = (x ^ (x >> 13)) * 0xC2B2AE35u;
    return x ^ (x >> 16);
}

// The seed is given; or, in recorded work, made of the pass's, which changes from run to run, and the place's.
extern "C" __global__ void dropout(const act* x, const ulong* pass, ulong seed_or_place, uint threshold, float scale, act* y, int adds, index_t count)
{
    const int n = width<act>::value;
    index_t first = ((index_t)blockIdx.x * blockDim.x + threadIdx.x) * n;
    if (first >= count)
        return;
    ulong seed = pass ? mix(*pass, seed_or_place) : seed_or_place;
    ulong key = split_mix(seed + split_mix((ulong)first >> 32));
    auto kept = [&](index_t i, float number) { return mix(mix((uint)i ^ (uint)key) + (uint)(key >> 32)) >= threshold ? number * scale : 0; };
    if (first + n > count)
    {
        for (index_t i = first; i < count; i++)
            set(y[i], (adds ? to_float(y[i]) : 0) + kept(i, to_float(x[i])));
        return;
    }
    floats<n> v = load<n>(x + first);
#pragma unroll
    for (int k = 0; k < n; k++)
        v.at[k] = kept(first + k, v.at[k]);
    store<n>(y + first, adds ? plus(load<n>(y + first), v) : v);
}
