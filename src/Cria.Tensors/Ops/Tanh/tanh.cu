// tanh.cu: y = tanh(x), dx = dy · (1 − y²). A zero stays an exact zero: gates that start there add nothing.
#include "common.cuh"

extern "C" __global__ void tanh_forward(const act* x, act* y, index_t count)
{
    map(y, count, [](float p) { return tanhf(p); }, x);
}

extern "C" __global__ void tanh_backward(const act* y, const act* dy, act* dx, index_t count, int adds)
{
    auto slope = [](float p, float d) { return d * (1 - p * p); };
    if (adds)
        map(dx, count, [=](float p, float d, float sum) { return sum + slope(p, d); }, y, dy, dx);
    else
        map(dx, count, slope, y, dy);
}
