// index_of_max.cu: the index of the largest number of each row, the first of equals; what is no number counts as larger than all. A block per row.
#include "common.cuh"

struct Best { float x; int index; };

__device__ inline Best better(Best a, Best b)
{
    bool none = b.x != b.x && a.x == a.x, equal = a.x == b.x || (a.x != a.x && b.x != b.x);
    return none || b.x > a.x && a.x == a.x || equal && b.index < a.index ? b : a;
}

__device__ inline Best best_of_warp(Best mine)
{
#pragma unroll
    for (int apart = warp_size / 2; apart > 0; apart /= 2)
        mine = better(mine, { __shfl_xor_sync(0xFFFFFFFFu, mine.x, apart), __shfl_xor_sync(0xFFFFFFFFu, mine.index, apart) });
    return mine;
}

extern "C" __global__ void index_of_max(const act* x, int* index, int columns)
{
    const int n = width<act>::value;
    __shared__ Best parts[warp_size];
    const act* row = x + (index_t)blockIdx.x * columns;
    Best mine = { -infinity, 0x7FFFFFFF };
    for_columns<n>(columns,
        [&](int i)
        {
            floats<n> v = load<n>(row + i);
#pragma unroll
            for (int k = 0; k < n; k++)
                mine = better(mine, { v.at[k], i + k });
        },
        [&](int i) { mine = better(mine, { to_float(row[i]), i }); });
    mine = best_of_warp(mine);
    if (threadIdx.x % warp_size == 0)
        parts[threadIdx.x / warp_size] = mine;
    __syncthreads();
    if (threadIdx.x >= warp_size)
        return;
    mine = best_of_warp(threadIdx.x < blockDim.x / warp_size ? parts[threadIdx.x] : Best{ -infinity, 0x7FFFFFFF });
    if (threadIdx.x == 0)
        index[blockIdx.x] = mine.index;
}
