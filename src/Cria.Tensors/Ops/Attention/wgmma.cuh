// wgmma.cuh: the tensor cores of Hopper (compute capability 9.0), which take their right side, and on demand their left one, from shared
// memory: products of 64 rows by the four warps of a group.
#pragma once
#include "attention.cuh"

// A matrix of bfloat16 in shared memory lies in panels of 64 columns: rows of 128 bytes, whose eight pieces of 16 bytes are exchanged by
// the row's number ("128-byte swizzle"), so that eight rows lie in different banks.
template <int Rows>
struct Panels
{
    static const int bytes = Rows * 128;     // of a panel

    // Where piece (8 columns) of a row stands.
    __device__ static int place(int row, int piece) { return piece / 8 * bytes + row * 128 + (piece % 8 ^ row % 8) * 16; }

    // Rows first … of x: see fetch_rows.
    template <int Columns, int Threads>
    __device__ static void fetch(byte* to, const bf16* x, index_t first, int count, int apart, int headSize)
    {
        fetch_rows<Rows, Columns, Threads>(x, first, count, apart, headSize, [=](int row, int piece) { return to + place(row, piece); });
    }

    // What a product wants to know of a matrix: its address, and how far apart the groups of eight rows and the panels are.
    __device__ static ulong describe(const byte* start)
    {
        const ulong swizzle = 1ull << 62;
        return swizzle | (ulong)(1024 >> 4) << 32 | (ulong)(bytes >> 4) << 16 | (ulong)((shared_address(start) & 0x3FFFF) >> 4);
    }

    // 16 columns from column on, of rows from row on: the left side of a product, or the right side of x matrixᵀ.
    __device__ static ulong columns(const byte* matrix, int row, int column)
    {
        return describe(matrix + column / 64 * bytes + row * 128 + column % 64 * 2);
    }

    // 16 rows from row on, all columns from a panel on: the right side of x matrix.
    __device__ static ulong rows(const byte* matrix, int row, int column) { return describe(matrix + column / 64 * bytes + row * 128); }
};

// Before the first product of a series: registers and shared memory that it reads are as written.
__device__ inline void begin_products() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void end_products() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }

// Until at most so many series are under way.
template <int left>
__device__ inline void wait_products() { asm volatile("wgmma.wait_group.sync.aligned %0;" :: "n"(left) : "memory"); }

// After the wait for the series that makes them: sums are not looked at before. (The compiler does not know that a product ends later.)
template <int Blocks>
__device__ inline void settle(float (&sums)[Blocks][4])
{
#pragma unroll
    for (int n = 0; n < Blocks; n++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            asm volatile("" : "+f"(sums[n][i]) :: "memory");
}

// What ordinary instructions wrote to shared memory becomes visible to the tensor cores; before the barrier.
__device__ inline void publish() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

#define SUMS_OF(n) "+f"(c[n][0]), "+f"(c[n][1]), "+f"(c[n][2]), "+f"(c[n][3])
#define SUMS_8 SUMS_OF(0), SUMS_OF(1), SUMS_OF(2), SUMS_OF(3), SUMS_OF(4), SUMS_OF(5), SUMS_OF(6), SUMS_OF(7)
#define SUMS_16 SUMS_8, SUMS_OF(8), SUMS_OF(9), SUMS_OF(10), SUMS_OF(11), SUMS_OF(12), SUMS_OF(13), SUMS_OF(14), SUMS_OF(15)
#define NAMES_32 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
    "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define NAMES_64 NAMES_32 ", %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
    "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"

// c (64 × 8 · blocks) = or += a b, 16 numbers deep. Lane 4g + t of warp w holds of block n: rows 16w + g and 16w + g + 8, columns 8n + 2t and
// 8n + 2t + 1, as of mma.sync. The left side is in shared memory or, as mma.sync has it, in registers; the right side is described by
// columns() for x matrixᵀ, or turned, by rows() for x matrix.
__device__ inline void multiply_wide(float (&c)[8][4], ulong a, ulong b, int adds)
{
    asm volatile("{ .reg .pred adds; setp.ne.b32 adds, %34, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
        "{" NAMES_32 "}, %32, %33, adds, 1, 1, 0, 0; }"
        : SUMS_8 : "l"(a), "l"(b), "r"(adds));
}

__device__ inline void multiply_registers_turned(float (&c)[8][4], const uint (&a)[4], ulong b, int adds)
{
    asm volatile("{ .reg .pred adds; setp.ne.b32 adds, %37, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
        "{" NAMES_32 "}, {%32, %33, %34, %35}, %36, adds, 1, 1, 1; }"
        : SUMS_8 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(adds));
}

__device__ inline void multiply_wide(float (&c)[16][4], ulong a, ulong b, int adds)
{
    asm volatile("{ .reg .pred adds; setp.ne.b32 adds, %66, 0; wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
        "{" NAMES_64 "}, %64, %65, adds, 1, 1, 0, 0; }"
        : SUMS_16 : "l"(a), "l"(b), "r"(adds));
}

__device__ inline void multiply_registers_turned(float (&c)[16][4], const uint (&a)[4], ulong b, int adds)
{
    asm volatile("{ .reg .pred adds; setp.ne.b32 adds, %69, 0; wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
        "{" NAMES_64 "}, {%64, %65, %66, %67}, %68, adds, 1, 1, 1; }"
        : SUMS_16 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(adds));
}
