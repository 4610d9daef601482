// columns.cu: y[n, i] = matrix[i, ids[n]], and its gradient. A thread for each number.
#include "common.cuh"

extern "C" __global__ void columns(const float* matrix, const int* ids, act* y, int count, int rows, int columns)
{
    index_t at = (index_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (at < (index_t)count * rows)
        set(y[at], matrix[at % rows * columns + ids[at / rows]]);
}

// dMatrix[i, id] += Σ dy[n, i] over the n that looked id up, in their order: order[starts[u]] … are those of the u-th different id.
extern "C" __global__ void columns_backward(
    const act* dy, const int* different, const int* starts, const int* order, int count, float* dMatrix, int rows, int columns)
{
    index_t at = (index_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= (index_t)count * rows)
        return;
    int u = (int)(at / rows), i = (int)(at % rows);
    float* sum = dMatrix + (index_t)i * columns + different[u];
    float total = *sum;
    for (int k = starts[u]; k < starts[u + 1]; k++)
        total += to_float(dy[(index_t)order[k] * rows + i]);
    *sum = total;
}
