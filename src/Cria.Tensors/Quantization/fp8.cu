// fp8.cu: rows of any storage type as 8-bit floats (e4m3), each with a scale of its own: for products with a frozen base.
#include "blocks.cuh"

// A row as 8-bit floats (e4m3) times a scale of its own: q = x / s, s = max|x| / 448. One block per row; columns are a multiple of 8.
template <typename Codec>
__device__ inline void to_fp8(const byte* from, index_t blocks, byte* to, float* scales, int columns)
{
#if __CUDA_ARCH__ >= 890
    Codec::prepare();
    index_t start = (index_t)blockIdx.x * columns;
    float largest = 0;
    for (int i = threadIdx.x * 8; i < columns; i += blockDim.x * 8)
    {
        floats<8> x = Codec::read(from, blocks, start + i);
#pragma unroll
        for (int k = 0; k < 8; k++)
            largest = fmaxf(largest, fabsf(x.at[k]));
    }
    float scale = fmaxf(block_max(largest), 1e-30f) / 448, inverse = 1 / scale;
    for (int i = threadIdx.x * 8; i < columns; i += blockDim.x * 8)
    {
        floats<8> x = Codec::read(from, blocks, start + i);
        pack<ushort, 4> codes;
#pragma unroll
        for (int k = 0; k < 4; k++)
            asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(codes.at[k]) : "f"(x.at[2 * k + 1] * inverse), "f"(x.at[2 * k] * inverse));
        *(pack<ushort, 4>*)(to + start + i) = codes;
    }
    if (threadIdx.x == 0)
        scales[blockIdx.x] = scale;
#endif
}

#define TO_FP8(name, codec) \
    extern "C" __global__ void to_fp8_##name(const byte* from, index_t blocks, byte* to, float* scales, int columns) \
    { to_fp8<codec>(from, blocks, to, scales, columns); }
FOR_EACH_TYPE(TO_FP8)
