// quantize.cu: floats to blocks as they stand in files (planes.cu moves them on): what the C# files of the same names write, in the same
// arithmetic, so that a card and the processor give the same bytes. A thread for each block.
#include "blocks.cuh"

__device__ inline float largest_magnitude(const float* x, int count)
{
    float largest = 0;
    for (int i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(x[i]));
    return largest;
}

// 1 / scale; a block of zeros keeps its zeros.
__device__ inline float inverse_of(float scale) { return 1 / fmaxf(scale, 1e-38f); }

// At once: stored byte by byte, the lower one came out as zero.
__device__ inline void store_half(byte* to, float x) { set(*(f16*)to, x); }

__device__ inline void store_float(byte* to, float x)
{
    uint bits = __float_as_uint(x);
    for (int i = 0; i < 4; i++)
        to[i] = (byte)(bits >> 8 * i);
}

// The index of the nearest entry of an ascending list of a power of two; halfway between two it is the lower one.
__device__ inline int nearest(const float* sorted, int count, float value)
{
    int index = 0;
    for (int half = count / 2; half > 0; half /= 2)
        if (value > (sorted[index + half - 1] + sorted[index + half]) / 2)
            index += half;
    return index;
}

struct ToQ8
{
    static const int length = 32, size = 34;
    __device__ static void prepare() {}
    __device__ static void write(const float* x, byte* to)
    {
        float d = largest_magnitude(x, length) / 127, inverse = d == 0 ? 0 : 1 / d;
        store_half(to, d);
        for (int i = 0; i < length; i++)
            to[2 + i] = (byte)(signed char)roundf(__fmul_rn(x[i], inverse));
    }
};

struct ToQ4
{
    static const int length = 32, size = 18;
    __device__ static void prepare() {}
    __device__ static int code(float x, float inverse) { return min(max((int)__fadd_rn(__fmul_rn(x, inverse), 8.5f), 0), 15); }
    __device__ static void write(const float* x, byte* to)
    {
        float largest = 0;
        for (int i = 0; i < length; i++)
            largest = fabsf(x[i]) > fabsf(largest) ? x[i] : largest;
        float d = largest / -8, inverse = d == 0 ? 0 : 1 / d;
        store_half(to, d);
        for (int i = 0; i < length / 2; i++)
            to[2 + i] = (byte)(code(x[i], inverse) | code(x[i + length / 2], inverse) << 4);
    }
};

// 32 bytes of codes of the numbers over their scale.
__device__ inline void write_codes(const float* x, float scale, byte* to)
{
    float inverse = inverse_of(scale);
    for (int i = 0; i < 64; i += 2)
        to[i / 2] = (byte)(nearest(four_bit_book(), 16, __fmul_rn(x[i], inverse)) << 4 | nearest(four_bit_book(), 16, __fmul_rn(x[i + 1], inverse)));
}

struct ToNF4
{
    static const int length = 64, size = 36;
    __device__ static void prepare() { FourBits<NormalFloatBook>::prepare(); }
    __device__ static void write(const float* x, byte* to)
    {
        float scale = largest_magnitude(x, length);
        write_codes(x, scale, to);
        store_float(to + 32, scale);
    }
};

template <typename To>
__device__ inline void quantize(const float* from, byte* to, index_t blocks)
{
    To::prepare();
    index_t block = (index_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (block < blocks)
        To::write(from + block * To::length, to + block * To::size);
}

extern "C" __global__ void quantize_q8_0(const float* from, byte* to, index_t blocks) { quantize<ToQ8>(from, to, blocks); }
extern "C" __global__ void quantize_q4_0(const float* from, byte* to, index_t blocks) { quantize<ToQ4>(from, to, blocks); }
extern "C" __global__ void quantize_nf4(const float* from, byte* to, index_t blocks) { quantize<ToNF4>(from, to, blocks); }

// nf4-dq first looks at the scales of the whole tensor: they are computed here, a thread for each block, and summed up by one block.
extern "C" __global__ void scales_nf4_dq(const float* from, float* scales, index_t blocks)
{
    index_t block = (index_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (block < blocks)
        scales[block] = largest_magnitude(from + block * 64, 64);
}

extern "C" __global__ void mean_nf4_dq(const float* scales, float* mean, index_t blocks)
{
    __shared__ double parts[1024];
    double sum = 0;
    for (index_t i = threadIdx.x; i < blocks; i += blockDim.x)
        sum += scales[i];
    parts[threadIdx.x] = sum;
    for (int half = blockDim.x / 2; half > 0; half /= 2)
    {
        __syncthreads();
        if (threadIdx.x < half)
            parts[threadIdx.x] += parts[threadIdx.x + half];
    }
    if (threadIdx.x == 0)
        *mean = (float)(parts[0] / (double)blocks);
}

// A block for each group of 256, a thread for each of its blocks.
extern "C" __global__ void quantize_nf4_dq(const float* from, const float* scales, const float* mean, byte* to, index_t blocks)
{
    for (int i = threadIdx.x; i < 256; i += blockDim.x)
        dynamic_map()[i] = dynamic_code(i);
    FourBits<NormalFloatBook>::prepare();
    index_t block = (index_t)blockIdx.x * 256 + threadIdx.x;
    bool exists = block < blocks;
    float offset = *mean, scale = exists ? scales[block] : 0, rest = exists ? scale - offset : 0, largest = block_max(fabsf(rest));
    byte* group = to + (index_t)blockIdx.x * (8 + 256 * 33);
    if (threadIdx.x == 0)
    {
        store_float(group, largest);
        store_float(group + 4, offset);
    }
    if (!exists)
        return;
    byte* start = group + 8 + threadIdx.x * 33;
    start[0] = (byte)nearest(dynamic_map(), 256, __fmul_rn(rest, inverse_of(largest)));
    write_codes(from + block * 64, scale, start + 1);
}
