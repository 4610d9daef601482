// multiply.cu: y = a · b, element by element, and y += a · b for its gradients (Multiply.cs).
#include "common.cuh"

extern "C" __global__ void multiply(const act* a, const act* b, act* y, index_t count, int adds)
{
    if (adds)
        map(y, count, [](float p, float q, float sum) { return sum + p * q; }, a, b, y);
    else
        map(y, count, [](float p, float q) { return p * q; }, a, b);
}
