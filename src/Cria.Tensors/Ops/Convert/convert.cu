// convert.cu: the numbers of any storage type as activations or halves. A thread writes 8 numbers.
#include "blocks.cuh"

template <typename Codec, typename To>
__device__ inline void convert_all(const byte* from, index_t blocks, index_t first, index_t count, To* to)
{
    Codec::prepare();
    index_t i = ((index_t)blockIdx.x * blockDim.x + threadIdx.x) * 8;
    if (i + 8 <= count && first % 8 == 0)
        store<8>(to + i, Codec::read(from, blocks, first + i));
    else
        for (index_t end = min(count, i + 8); i < end; i++)
            set(to[i], Codec::number(from, blocks, first + i));
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
