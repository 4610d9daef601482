// scale.cu: y = c · x, and y += c · x for its gradient (Scale.cs).
#include "common.cuh"

extern "C" __global__ void scale(const act* x, float factor, act* y, index_t count, int adds)
{
    if (adds)
        map(y, count, [=](float p, float sum) { return sum + factor * p; }, x, y);
    else
        map(y, count, [=](float p) { return factor * p; }, x);
}

// y = factor[0] · x: the factor is on the device.
extern "C" __global__ void scale_by(const act* x, const float* factor, act* y, index_t count)
{
    float c = *factor;
    map(y, count, [=](float p) { return c * p; }, x);
}
