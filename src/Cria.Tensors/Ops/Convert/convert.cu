// convert.cu: the numbers of any storage type as activations or halves. Threads write 8 numbers at a time.
#include "blocks.cuh"

template <typename Codec, typename To>
__device__ inline void convert_all(const byte* from, index_t blocks, index_t first, index_t count, To* to)
{
    // Blocks come back for more, so that books are filled once for many numbers; several reads are under way before the first is waited for.
    const int together = 4;
    Codec::prepare();
    index_t i = ((index_t)blockIdx.x * blockDim.x + threadIdx.x) * 8, apart = (index_t)gridDim.x * blockDim.x * 8;
    bool whole = first % 8 == 0;
    for (; whole && i + (together - 1) * apart + 8 <= count; i += together * apart)
    {
        floats<8> x[together];
#pragma unroll
        for (int k = 0; k < together; k++)
            x[k] = Codec::read(from, blocks, first + i + k * apart);
#pragma unroll
        for (int k = 0; k < together; k++)
            store<8>(to + i + k * apart, x[k]);
    }
    for (; whole && i + 8 <= count; i += apart)
        store<8>(to + i, Codec::read(from, blocks, first + i));
    for (; i < count; i += apart)
        for (index_t n = i; n < min(count, i + 8); n++)
            set(to[n], Codec::number(from, blocks, first + n));
}

// Numbers first … first + count − 1 of a tensor.
#define CONVERT(name, codec) \
    extern "C" __global__ void convert_##name(const byte* from, index_t blocks, index_t first, index_t count, act* to) \
    { convert_all<codec>(from, blocks, first, count, to); }
FOR_EACH_TYPE(CONVERT)

extern "C" __global__ void convert_to_f16(const act* from, f16* to, index_t count)
{
    map(to, count, [](float x) { return x; }, from);
}

// The other kind of activation: what this module is not compiled for.
#if defined(ACT_F32)
extern "C" __global__ void convert_to_other(const act* from, bf16* to, index_t count)
#else
extern "C" __global__ void convert_to_other(const act* from, float* to, index_t count)
#endif
{
    map(to, count, [](float x) { return x; }, from);
}
