// What all kernels share: storage types as floats and back, packs of 16 bytes, sums over a warp and over a block.
// Compiled by NVRTC with no other header. ACT_BF16 or ACT_F32 says what an activation ("act") is; arithmetic is always in float.
#pragma once

typedef unsigned char byte;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long long ulong;
typedef long long index_t;     // counts and places of numbers: a tensor may hold more than 2^31

struct bf16 { ushort bits; };  // bfloat16: the upper half of a float
struct f16 { ushort bits; };   // IEEE half precision

#if defined(ACT_F32)
typedef float act;
#else
typedef bf16 act;
#endif

const int warp_size = 32;

// Of kernels that are launched to start before the one before them has ended (compute capability 9): what comes behind may start, and nothing
// that others write may be read, or written, before those before are done. Elsewhere these do nothing.
__device__ inline void next_may_start()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;");
#endif
}

__device__ inline void wait_for_those_before()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
#define infinity __int_as_float(0x7F800000)

__device__ inline float to_float(float x) { return x; }
__device__ inline float to_float(bf16 x) { return __uint_as_float((uint)x.bits << 16); }
__device__ inline float to_float(f16 x)
{
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
    return y;
}

// To nearest, ties to even.
__device__ inline void set(float& to, float x) { to = x; }
__device__ inline void set(bf16& to, float x) { asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(to.bits) : "f"(x)); }
__device__ inline void set(f16& to, float x) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(to.bits) : "f"(x)); }

// Two floats as bfloat16 in one register, the first in the lower half.
__device__ inline uint pack_bf16(float low, float high)
{
    uint y;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(y) : "f"(high), "f"(low));
    return y;
}

__device__ inline float low_bf16(uint pair) { return __uint_as_float(pair << 16); }
__device__ inline float high_bf16(uint pair) { return __uint_as_float(pair & 0xFFFF0000u); }

// N neighbouring numbers, loaded and stored at once: p is a multiple of their size (of 16 bytes where they are more).
template <typename T, int N>
struct alignas(sizeof(T) * N < 16 ? sizeof(T) * N : 16) pack { T at[N]; };

template <int N>
struct floats { float at[N]; };

template <int N, typename T>
__device__ inline floats<N> load(const T* p)
{
    pack<T, N> numbers = *(const pack<T, N>*)p;
    floats<N> x;
#pragma unroll
    for (int i = 0; i < N; i++)
        x.at[i] = to_float(numbers.at[i]);
    return x;
}

template <int N, typename T>
__device__ inline void store(T* p, const floats<N>& x)
{
    pack<T, N> numbers;
#pragma unroll
    for (int i = 0; i < N; i++)
        set(numbers.at[i], x.at[i]);
    *(pack<T, N>*)p = numbers;
}

template <int N>
__device__ inline floats<N> plus(floats<N> a, const floats<N>& b)
{
#pragma unroll
    for (int i = 0; i < N; i++)
        a.at[i] += b.at[i];
    return a;
}

// How many numbers of a type fill 16 bytes.
template <typename T>
struct width { static const int value = 16 / sizeof(T); };

template <int N, typename Formula, typename... X>
__device__ inline floats<N> each(Formula formula, const X&... x)
{
    floats<N> y;
#pragma unroll
    for (int i = 0; i < N; i++)
        y.at[i] = formula(x.at[i]...);
    return y;
}

// y[i] = formula(x[i], ...) for all i: a thread computes 16 bytes of y, the last one what is left. y may be one of the x.
template <typename Y, typename Formula, typename... X>
__device__ inline void map(Y* y, index_t count, Formula formula, const X*... x)
{
    const int n = width<Y>::value;
    index_t i = ((index_t)blockIdx.x * blockDim.x + threadIdx.x) * n;
    if (i + n <= count)
    {
        store<n>(y + i, each<n>(formula, load<n>(x + i)...));
        return;
    }
    for (; i < count; i++)
        set(y[i], formula(to_float(x[i])...));
}

__device__ inline float warp_sum(float x)
{
#pragma unroll
    for (int apart = warp_size / 2; apart > 0; apart /= 2)
        x += __shfl_xor_sync(0xFFFFFFFFu, x, apart);
    return x;
}

__device__ inline float warp_max(float x)
{
#pragma unroll
    for (int apart = warp_size / 2; apart > 0; apart /= 2)
        x = fmaxf(x, __shfl_xor_sync(0xFFFFFFFFu, x, apart));
    return x;
}

// Every thread of the block gets the sum; whole warps, at most 32 of them.
__device__ inline float block_sum(float x)
{
    __shared__ float parts[warp_size];
    int warp = threadIdx.x / warp_size, lane = threadIdx.x % warp_size, warps = blockDim.x / warp_size;
    x = warp_sum(x);
    __syncthreads();        // a sum before this one may still be read
    if (lane == 0)
        parts[warp] = x;
    __syncthreads();
    return warp_sum(lane < warps ? parts[lane] : 0);
}

__device__ inline float block_max(float x)
{
    __shared__ float parts[warp_size];
    int warp = threadIdx.x / warp_size, lane = threadIdx.x % warp_size, warps = blockDim.x / warp_size;
    x = warp_max(x);
    __syncthreads();
    if (lane == 0)
        parts[warp] = x;
    __syncthreads();
    return warp_max(lane < warps ? parts[lane] : -infinity);
}

// Calls body(i) for each pack of a row's numbers and rest(i) for what no pack holds; a row starts at a pack where columns are whole packs.
template <int N, typename Body, typename Rest>
__device__ inline void for_columns(int columns, Body body, Rest rest)
{
    int whole = columns % N == 0 ? columns : 0;
    for (int i = threadIdx.x * N; i < whole; i += blockDim.x * N)
        body(i);
    for (int i = whole + threadIdx.x; i < columns; i += blockDim.x)
        rest(i);
}
