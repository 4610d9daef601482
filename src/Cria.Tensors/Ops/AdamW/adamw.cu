// adamw.cu: one optimizer step over all tensors in one launch. The formula stands in AdamW.cs.
// A block takes a chunk of 1,024 numbers of one tensor; states in 8 bits are unpacked, moved and packed again, 256 numbers at a time.
#include "blocks.cuh"

struct factors { float gradientScale, keep, meanShare, squareKeep, squareShare, stepSize, rootCorrection, epsilon; };

// A tensor of the table that the host writes: mean and square are floats, or blocks of dynamic8; firstChunk counts the chunks before it.
struct entry { float* parameter; const float* gradient; byte* mean; byte* square; index_t count, firstChunk, isBlocks; };

__device__ inline void step(float& p, float gradient, float& m, float& v, const factors& by)
{
    float g = gradient * by.gradientScale;
    p *= by.keep;
    m += (g - m) * by.meanShare;
    v = v * by.squareKeep + g * g * by.squareShare;
    p -= by.stepSize * (m / (sqrtf(v) / by.rootCorrection + by.epsilon));
}

__device__ inline void step_floats(const entry& tensor, index_t first, const factors& by)
{
    float *mean = (float*)tensor.mean, *square = (float*)tensor.square;
    for (index_t i = first + threadIdx.x; i < min(tensor.count, first + 1024); i += blockDim.x)
        step(tensor.parameter[i], tensor.gradient[i], mean[i], square[i], by);
}

// The index of the nearest entry of a sorted list of 256; halfway between two it is the lower one.
__device__ inline int nearest(const float* sorted, float value)
{
    int index = 0;
    for (int half = 128; half > 0; half /= 2)
        if (value > (sorted[index + half - 1] + sorted[index + half]) / 2)
            index += half;
    return index;
}

// Writes a block of 256 numbers, of which each thread holds one.
__device__ inline void write_block(byte* block, const float* map, float number, bool isThere)
{
    float scale = block_max(isThere ? fabsf(number) : 0);
    if (isThere)
        block[threadIdx.x] = (byte)nearest(map, number * (1 / fmaxf(scale, 1e-38f)));
    if (threadIdx.x == 0)
        *(float*)(block + 256) = scale;
}

__device__ inline void step_blocks(const entry& tensor, index_t first, const factors& by)
{
    __shared__ float map[256], unsignedMap[256];
    map[threadIdx.x] = dynamic_code(threadIdx.x);
    unsignedMap[threadIdx.x] = dynamic_unsigned_code(threadIdx.x);
    __syncthreads();
    for (index_t start = first; start < min(tensor.count, first + 1024); start += 256)
    {
        byte *mean = tensor.mean + start / 256 * 260, *square = tensor.square + start / 256 * 260;
        index_t i = start + threadIdx.x;
        bool isThere = i < tensor.count;
        float m = 0, v = 0;
        if (isThere)
        {
            m = map[mean[threadIdx.x]] * *(float*)(mean + 256);
            v = unsignedMap[square[threadIdx.x]] * *(float*)(square + 256);
            step(tensor.parameter[i], tensor.gradient[i], m, v, by);
        }
        write_block(mean, map, m, isThere);     // its barrier keeps the old scale until all have read it
        write_block(square, unsignedMap, v, isThere);
    }
}

// A block for each chunk of all tensors; 256 threads.
extern "C" __global__ void adamw(const entry* tensors, int count, const factors* by)
{
    int low = 0, high = count;      // the last tensor whose chunks do not begin behind this one
    while (high - low > 1)
    {
        int middle = (low + high) / 2;
        if (tensors[middle].firstChunk <= blockIdx.x)
            low = middle;
        else
            high = middle;
    }
    entry tensor = tensors[low];
    index_t first = (blockIdx.x - tensor.firstChunk) * 1024;
    if (tensor.isBlocks)
        step_blocks(tensor, first, *by);
    else
        step_floats(tensor, first, *by);
}
