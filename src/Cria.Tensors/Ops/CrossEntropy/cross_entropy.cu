// cross_entropy.cu: the loss of each row of logits, and the logits turned into their gradient. The formulas stand in CrossEntropy.cs.
// One block per row. A first pass finds the largest logit and the sum together; a second one writes over the logits.
#include "common.cuh"

// Two sums of exponentials, each over its own largest number, as one.
__device__ inline void join(float& largest, float& sum, float otherLargest, float otherSum)
{
    float both = fmaxf(largest, otherLargest);
    sum = sum * __expf(largest - both) + otherSum * __expf(otherLargest - both);
    largest = both;
}

// The smallest float instead of −∞: so a thread without numbers joins without a NaN.
const float lowest = -3.402823466e38f;

__device__ inline void join_block(float& largest, float& sum)
{
    __shared__ float largestOf[warp_size], sumOf[warp_size];
    int warp = threadIdx.x / warp_size, lane = threadIdx.x % warp_size;
#pragma unroll
    for (int round = 0; round < 2; round++)
    {
#pragma unroll
        for (int apart = warp_size / 2; apart > 0; apart /= 2)
            join(largest, sum, __shfl_xor_sync(0xFFFFFFFFu, largest, apart), __shfl_xor_sync(0xFFFFFFFFu, sum, apart));
        if (round == 1)
            return;
        if (lane == 0)
        {
            largestOf[warp] = largest;
            sumOf[warp] = sum;
        }
        __syncthreads();
        largest = lane < blockDim.x / warp_size ? largestOf[lane] : lowest;
        sum = lane < blockDim.x / warp_size ? sumOf[lane] : 0;
    }
}

// losses[row] = −ln softmax(logits)[target], unless null; with writesGradient, logits = scale · times · (softmax − 1 at the target), where
// times is a number on the device, or 1 where null.
extern "C" __global__ void cross_entropy(
    act* logits, const int* targets, float* losses, int writesGradient, float scale, const float* times, int columns)
{
    const int n = width<act>::value;
    act* row = logits + (index_t)blockIdx.x * columns;
    int target = targets[blockIdx.x];
    float atTarget = to_float(row[target]), largest = lowest, sum = 0;
    for_columns<n>(columns,
        [&](int i)
        {
            floats<n> v = load<n>(row + i);
            float here = v.at[0], part = 0;
#pragma unroll
            for (int k = 1; k < n; k++)
                here = fmaxf(here, v.at[k]);
#pragma unroll
            for (int k = 0; k < n; k++)
                part += __expf(v.at[k] - here);
            join(largest, sum, here, part);
        },
        [&](int i) { join(largest, sum, to_float(row[i]), 1); });
    join_block(largest, sum);       // its barrier also keeps the target's logit from being overwritten before all have read it
    float logSum = largest + logf(sum);
    if (losses && threadIdx.x == 0)
        losses[blockIdx.x] = logSum - atTarget;
    if (!writesGradient)
        return;
    scale *= times ? *times : 1;

    for_columns<n>(columns,
        [&](int i)
        {
            floats<n> v = load<n>(row + i);
#pragma unroll
            for (int k = 0; k < n; k++)
                v.at[k] = scale * (__expf(v.at[k] - logSum) - (i + k == target ? 1 : 0));
            store<n>(row + i, v);
        },
        [&](int i) { set(row[i], scale * (__expf(to_float(row[i]) - logSum) - (i == target ? 1 : 0))); });
}
