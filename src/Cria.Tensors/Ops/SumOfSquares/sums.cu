// sums.cu: sums over a whole tensor, and of partial sums; always in the same order, so that a result does not change from run to run.
#include "common.cuh"

// Doubles of a block, added in a tree of fixed shape; thread 0 gets the sum. At most 256 threads.
__device__ inline double block_sum_of_doubles(double x)
{
    __shared__ double parts[256];
    parts[threadIdx.x] = x;
    __syncthreads();
    for (int apart = blockDim.x / 2; apart > 0; apart /= 2)
    {
        if (threadIdx.x < apart)
            parts[threadIdx.x] += parts[threadIdx.x + apart];
        __syncthreads();
    }
    return parts[0];
}

// parts[block] = Σ x² over every gridDim.x-th run of 1,024 numbers: a run in single precision, runs in double precision.
extern "C" __global__ void sum_of_squares(const float* x, double* parts, index_t count)
{
    double sum = 0;
    for (index_t first = (index_t)blockIdx.x * 1024; first < count; first += (index_t)gridDim.x * 1024)
    {
        float run = 0;
        for (int k = 0; k < 4; k++)
        {
            index_t i = first + threadIdx.x + k * 256;
            run += i < count ? x[i] * x[i] : 0;
        }
        sum += run;
    }
    sum = block_sum_of_doubles(sum);
    if (threadIdx.x == 0)
        parts[blockIdx.x] = sum;
}

// total = Σ parts, by one block.
extern "C" __global__ void sum_doubles(const double* parts, int count, double* total)
{
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x)
        sum += parts[i];
    sum = block_sum_of_doubles(sum);
    if (threadIdx.x == 0)
        *total = sum;
}

// y = scale · Σ x, in double precision, by one block.
extern "C" __global__ void sum(const float* x, float scale, float* y, index_t count)
{
    double total = 0;
    for (index_t i = threadIdx.x; i < count; i += blockDim.x)
        total += x[i];
    total = block_sum_of_doubles(total);
    if (threadIdx.x == 0)
        *y = (float)(scale * total);
}

// y[i] (+)= Σ over p and over the w columns of i of parts[p, i · w + …]
extern "C" __global__ void sum_parts(const float* parts, float* y, int count, int length, int width, int adds)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= length)
        return;
    float total = adds ? y[i] : 0;
    for (int p = 0; p < count; p++)
        for (int k = 0; k < width; k++)
            total += parts[((index_t)p * length + i) * width + k];
    y[i] = total;
}
