// softmax.cu: over the last axis, yᵢ = exp(xᵢ − m) / Σ exp(xⱼ − m), and its gradient dx = y · (dy − Σ dy·y). One block per row.
#include "common.cuh"

extern "C" __global__ void softmax(const act* x, act* y, int columns)
{
    const act* row = x + (index_t)blockIdx.x * columns;
    float largest = -infinity, sum = 0;
    for (int i = threadIdx.x; i < columns; i += blockDim.x)
        largest = fmaxf(largest, to_float(row[i]));
    largest = block_max(largest);
    for (int i = threadIdx.x; i < columns; i += blockDim.x)
        sum += expf(to_float(row[i]) - largest);
    float inverse = 1 / block_sum(sum);
    for (int i = threadIdx.x; i < columns; i += blockDim.x)
        set(y[(index_t)blockIdx.x * columns + i], expf(to_float(row[i]) - largest) * inverse);
}

extern "C" __global__ void softmax_backward(const act* y, const act* dy, act* dx, int adds, int columns)
{
    index_t start = (index_t)blockIdx.x * columns;
    float product = 0;
    for (int i = threadIdx.x; i < columns; i += blockDim.x)
        product += to_float(y[start + i]) * to_float(dy[start + i]);
    product = block_sum(product);
    for (int i = threadIdx.x; i < columns; i += blockDim.x)
    {
        float d = to_float(y[start + i]) * (to_float(dy[start + i]) - product);
        set(dx[start + i], adds ? to_float(dx[start + i]) + d : d);
    }
}
