// fp8.cu: rows of any storage type as 8-bit floats (e4m3), each with a scale of its own: for products with a frozen base. And back, and turned.
#include "blocks.cuh"

// 8 numbers of a row, each times the factor of its column where there are any.
template <typename Codec>
__device__ inline floats<8> read_scaled(const byte* from, index_t blocks, index_t start, int i, const float* factors)
{
    floats<8> x = Codec::read(from, blocks, start + i);
    if (factors)
    {
        floats<8> f = load<8>(factors + i);
#pragma unroll
        for (int k = 0; k < 8; k++)
            x.at[k] *= f.at[k];
    }
    return x;
}

// A row as 8-bit floats (e4m3) times a scale of its own: q = x / s, s = max|x| / 448. One block per row; columns are a multiple of 8.
template <typename Codec>
__device__ inline void to_fp8(const byte* from, index_t blocks, byte* to, float* scales, const float* factors, int columns)
{
#if __CUDA_ARCH__ >= 890
    Codec::prepare();
    index_t start = (index_t)blockIdx.x * columns;
    float largest = 0;
    for (int i = threadIdx.x * 8; i < columns; i += blockDim.x * 8)
    {
        floats<8> x = read_scaled<Codec>(from, blocks, start, i, factors);
#pragma unroll
        for (int k = 0; k < 8; k++)
            largest = fmaxf(largest, fabsf(x.at[k]));
    }
    float scale = fmaxf(block_max(largest), 1e-30f) / 448, inverse = 1 / scale;
    for (int i = threadIdx.x * 8; i < columns; i += blockDim.x * 8)
    {
        floats<8> x = read_scaled<Codec>(from, blocks, start, i, factors);
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
    extern "C" __global__ void to_fp8_##name(const byte* from, index_t blocks, byte* to, float* scales, const float* factors, int columns) \
    { to_fp8<codec>(from, blocks, to, scales, factors, columns); }
FOR_EACH_TYPE(TO_FP8)

// The numbers of rows of codes. One block per row; columns are a multiple of 8.
extern "C" __global__ void from_fp8(const byte* from, const float* scales, act* to, int columns)
{
#if __CUDA_ARCH__ >= 890
    index_t start = (index_t)blockIdx.x * columns;
    float scale = scales[blockIdx.x];
    for (int i = threadIdx.x * 8; i < columns; i += blockDim.x * 8)
    {
        pack<ushort, 4> codes = *(const pack<ushort, 4>*)(from + start + i);
        floats<8> x;
#pragma unroll
        for (int k = 0; k < 4; k++)
        {
            uint halves;
            asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(halves) : "h"(codes.at[k]));
            x.at[2 * k] = to_float(f16{ (ushort)halves }) * scale;
            x.at[2 * k + 1] = to_float(f16{ (ushort)(halves >> 16) }) * scale;
        }
        store<8>(to + start + i, x);
    }
#endif
}

// to (columns, rows) = from (rows, columns), of bytes. A block turns a tile of 64 × 64, a thread 4 × 4 of it; both lengths are multiples of 16.
extern "C" __global__ void turn_fp8(const byte* from, byte* to, int rows, int columns)
{
    __shared__ uint tile[64][17];
    int i = threadIdx.x / 16, j = threadIdx.x % 16, row = blockIdx.y * 64 + i * 4, column = blockIdx.x * 64 + j * 4;
    if (row < rows && column < columns)
    {
        uint a = *(const uint*)(from + (index_t)row * columns + column), b = *(const uint*)(from + (index_t)(row + 1) * columns + column);
        uint c = *(const uint*)(from + (index_t)(row + 2) * columns + column), d = *(const uint*)(from + (index_t)(row + 3) * columns + column);
        uint ab = __byte_perm(a, b, 0x5140), cd = __byte_perm(c, d, 0x5140), abHigh = __byte_perm(a, b, 0x7362), cdHigh = __byte_perm(c, d, 0x7362);
        tile[j * 4][i] = __byte_perm(ab, cd, 0x5410);
        tile[j * 4 + 1][i] = __byte_perm(ab, cd, 0x7632);
        tile[j * 4 + 2][i] = __byte_perm(abHigh, cdHigh, 0x5410);
        tile[j * 4 + 3][i] = __byte_perm(abHigh, cdHigh, 0x7632);
    }
    __syncthreads();
    int turned = blockIdx.x * 64 + threadIdx.x / 4, part = threadIdx.x % 4, first = blockIdx.y * 64 + part * 16;
    if (turned < columns && first < rows)
    {
        const uint* words = &tile[threadIdx.x / 4][part * 4];
        *(uint4*)(to + (index_t)turned * rows + first) = { words[0], words[1], words[2], words[3] };
    }
}
