// planes.cu: blocks as they are in files, to the planes that the kernels read (blocks.cuh), and back. A thread moves one block.
#include "common.cuh"

// Moves some bytes of a block: to its plane, or back to where the file has them.
template <bool toPlanes>
struct Move
{
    __device__ static void bytes(byte* file, byte* plane, int count)
    {
        for (int i = 0; i < count; i++)
            if (toPlanes)
                plane[i] = file[i];
            else
                file[i] = plane[i];
    }

    // Words of 4 bytes, of which word i stands at place(i) of the plane.
    template <typename Place>
    __device__ static void words(byte* file, byte* plane, int count, Place place)
    {
        for (int i = 0; i < count; i++)
            bytes(file + 4 * i, plane + 4 * place(i), 4);
    }

    // 32 bytes of codes: the 8-byte words of two blocks one after another take turns.
    __device__ static void codes(byte* file, byte* plane, index_t blocks, index_t b)
    {
        if (b / 2 < blocks / 2)
            words(file, plane + b / 2 * 64 + b % 2 * 8, 8, [](int word) { return word / 2 * 4 + word % 2; });
        else
            bytes(file, plane + b * 32, 32);
    }

    __device__ static void q8_0(byte* file, byte* planes, index_t blocks, index_t b)
    {
        codes(file + b * 34 + 2, planes, blocks, b);
        bytes(file + b * 34, planes + blocks * 32 + b * 2, 2);
    }

    __device__ static void q4_0(byte* file, byte* planes, index_t blocks, index_t b)
    {
        if (b / 4 < blocks / 4)
            words(file + b * 18 + 2, planes + b / 4 * 64 + b % 4 * 4, 4, [](int word) { return word * 4; });
        else
            bytes(file + b * 18 + 2, planes + b * 16, 16);
        bytes(file + b * 18, planes + blocks * 16 + b * 2, 2);
    }

    __device__ static void q6_k(byte* file, byte* planes, index_t blocks, index_t b)
    {
        byte* start = file + b * 210;
        for (int half = 0; half < 2; half++)
        {
            words(start + half * 64, planes + b * 128 + half * 64, 16, [](int word) { return word % 4 * 4 + word / 4; });
            words(start + 128 + half * 32, planes + blocks * 128 + b * 64 + half * 32, 8, [](int word) { return word % 4 * 2 + word / 4; });
        }
        bytes(start + 192, planes + blocks * 192 + b * 16, 16);
        bytes(start + 208, planes + blocks * 208 + b * 2, 2);
    }

    __device__ static void nf4(byte* file, byte* planes, index_t blocks, index_t b)
    {
        codes(file + b * 36, planes, blocks, b);
        bytes(file + b * 36 + 32, planes + blocks * 32 + b * 4, 4);
    }

    __device__ static void nf4_dq(byte* file, byte* planes, index_t blocks, index_t b)
    {
        byte *group = file + b / 256 * (8 + 256 * 33), *block = group + 8 + b % 256 * 33, *groups = planes + blocks * 32;
        codes(block + 1, planes, blocks, b);
        bytes(block, groups + (blocks + 255) / 256 * 8 + b, 1);
        if (b % 256 == 0)
            bytes(group, groups + b / 256 * 8, 8);
    }
};

#define MOVE(name) \
    extern "C" __global__ void to_planes_##name(byte* file, byte* planes, index_t blocks) \
    { \
        index_t b = (index_t)blockIdx.x * blockDim.x + threadIdx.x; \
        if (b < blocks) \
            Move<true>::name(file, planes, blocks, b); \
    } \
    extern "C" __global__ void from_planes_##name(byte* file, byte* planes, index_t blocks) \
    { \
        index_t b = (index_t)blockIdx.x * blockDim.x + threadIdx.x; \
        if (b < blocks) \
            Move<false>::name(file, planes, blocks, b); \
    }
MOVE(q8_0)
MOVE(q4_0)
MOVE(q6_k)
MOVE(nf4)
MOVE(nf4_dq)
