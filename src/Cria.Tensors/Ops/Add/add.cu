// add.cu: y = a + b, element by element. The formula's gradient stands in Add.cs.
#include "common.cuh"

extern "C" __global__ void add(const act* a, const act* b, act* y, index_t count)
{
    map(y, count, [](float p, float q) { return p + q; }, a, b);
}

// sum += x, or sum = x, where the two are of different kinds: one is an activation of this module, the other is of the other kind.
#if defined(ACT_F32)
extern "C" __global__ void accumulate(const act* x, bf16* sum, index_t count, int adds)
#else
extern "C" __global__ void accumulate(const act* x, float* sum, index_t count, int adds)
#endif
{
    if (adds)
        map(sum, count, [](float p, float before) { return before + p; }, x, sum);
    else
        map(sum, count, [](float p) { return p; }, x);
}
