// What the attention kernels share: who sees whom, and tiles of bfloat16 in shared memory for the tensor cores.
#pragma once
#include "common.cuh"

// As AttentionSpan.cs: query rows query … see key rows key …; where causal, query i sees the first keys − queries + i + 1 of them.
struct span { int query, queries, key, keys, causal; };

__device__ inline int seen_by(const span& s, int i) { return s.causal ? s.keys - s.queries + i + 1 : s.keys; }

// The first query of a span that sees key j.
__device__ inline int first_that_sees(const span& s, int j) { return s.causal ? max(0, j - (s.keys - s.queries)) : 0; }

const float log2_e = 1.4426950408889634f, ln_2 = 0.6931471805599453f;

__device__ inline float exp2(float x)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ inline uint shared_address(const void* p) { return (uint)__cvta_generic_to_shared(p); }

// 16 bytes from device to shared memory, asynchronously; zeros where there is nothing to read, and then the address is not looked at.
__device__ inline void copy_16(void* to, const void* from, bool isThere)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(shared_address(to)), "l"(from), "r"(isThere ? 16 : 0) : "memory");
}

__device__ inline void end_group() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int left>
__device__ inline void wait_groups() { asm volatile("cp.async.wait_group %0;" :: "n"(left) : "memory"); }

// Four 8 × 8 matrices; lane i gives the address of row i % 8 of matrix i / 8.
__device__ inline void load_matrices(uint (&r)[4], const bf16* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}

__device__ inline void load_matrices_turned(uint (&r)[4], const bf16* row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}

// c (16 × 8) += a (16 × 16) b (16 × 8). Lane 4g + t holds of c: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
__device__ inline void multiply_add(float (&c)[4], const uint (&a)[4], uint b0, uint b1)
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Rows first … of x, as many as there are, in pieces of 8 columns to where place says; rows that are not there, and columns beyond the
// head, become zeros. By all Threads of the block.
template <int Rows, int Columns, int Threads, typename Place>
__device__ inline void fetch_rows(const bf16* x, index_t first, int count, int apart, int headSize, Place place)
{
    const int pieces = Columns / 8;
    if constexpr (Threads % pieces == 0 && Rows * pieces % Threads == 0)
    {
        // A thread keeps its columns, and goes down by the same number of rows each time.
        const int down = Threads / pieces;
        int row = threadIdx.x / pieces, piece = threadIdx.x % pieces;
        const bf16* from = x + (first + row) * apart + piece * 8;
        count = piece * 8 < headSize ? count : 0;
#pragma unroll
        for (int k = 0; k < Rows / down; k++)
            copy_16(place(row + k * down, piece), from + (index_t)k * down * apart, row + k * down < count);
    }
    else
    {
        for (int i = threadIdx.x; i < Rows * pieces; i += Threads)
        {
            int row = i / pieces, piece = i % pieces;
            copy_16(place(row, piece), x + (first + row) * apart + piece * 8, row < count && piece * 8 < headSize);
        }
    }
}

// Rows of a head in shared memory, D numbers each and 8 more, so that eight rows lie in different banks.
template <int D>
struct Tile
{
    static const int rows = 64, stride = D + 8, size = rows * stride;

    // Rows first … of x: see fetch_rows.
    __device__ static void fetch(bf16* tile, const bf16* x, index_t first, int count, int apart, int headSize)
    {
        fetch_rows<rows, D, 128>(x, first, count, apart, headSize, [=](int row, int piece) { return tile + row * stride + piece * 8; });
    }

    // The left side of a product: 16 rows, 16 columns.
    __device__ static void left(uint (&a)[4], const bf16* tile, int row, int column)
    {
        int lane = threadIdx.x % 32;
        load_matrices(a, tile + (row + lane % 16) * stride + column + lane / 16 * 8);
    }

    // The right side of x tileᵀ: b[0], b[1] for 8 rows of the tile and 16 of its columns; b[2], b[3] for the next 8 rows.
    __device__ static void right(uint (&b)[4], const bf16* tile, int row, int column)
    {
        int lane = threadIdx.x % 32;
        load_matrices(b, tile + (row + lane % 8 + lane / 16 * 8) * stride + column + lane / 8 % 2 * 8);
    }

    // The right side of x tile: b[0], b[1] for 16 rows of the tile and 8 of its columns; b[2], b[3] for the next 8 columns.
    __device__ static void right_turned(uint (&b)[4], const bf16* tile, int row, int column)
    {
        int lane = threadIdx.x % 32;
        load_matrices_turned(b, tile + (row + lane % 16) * stride + column + lane / 16 * 8);
    }
};

// c (16 × 64) = 16 rows of a times bᵀ, over D columns of both; c in blocks of 8 columns.
template <int D>
__device__ inline void multiply_turned(float (&c)[8][4], const bf16* a, int row, const bf16* b)
{
#pragma unroll
    for (int n = 0; n < 8; n++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            c[n][i] = 0;
#pragma unroll
    for (int k = 0; k < D; k += 16)
    {
        uint left[4];
        Tile<D>::left(left, a, row, k);
#pragma unroll
        for (int n = 0; n < 8; n += 2)
        {
            uint right[4];
            Tile<D>::right(right, b, n * 8, k);
            multiply_add(c[n], left, right[0], right[1]);
            multiply_add(c[n + 1], left, right[2], right[3]);
        }
    }
}

// sum (16 × Columns) += p (16 × 64, rounded to bfloat16) times columns first … of b (64 × D).
template <int D, int Columns>
__device__ inline void add_product(float (&sum)[Columns / 8][4], const float (&p)[8][4], const bf16* b, int first)
{
#pragma unroll
    for (int k = 0; k < 4; k++)
    {
        uint left[4] = {
            pack_bf16(p[2 * k][0], p[2 * k][1]), pack_bf16(p[2 * k][2], p[2 * k][3]),
            pack_bf16(p[2 * k + 1][0], p[2 * k + 1][1]), pack_bf16(p[2 * k + 1][2], p[2 * k + 1][3]) };
#pragma unroll
        for (int n = 0; n < Columns / 8; n += 2)
        {
            uint right[4];
            Tile<D>::right_turned(right, b, k * 16, first + n * 8);
            multiply_add(sum[n], left, right[0], right[1]);
            multiply_add(sum[n + 1], left, right[2], right[3]);
        }
    }
}

// Scores of rows by blocks of 8 keys, as products leave them: those that row g or g + 8 of a lane must not see become −∞.
template <int Blocks>
__device__ inline void hide(float (&scores)[Blocks][4], int key, int seenByFirst, int seenBySecond)
{
    int t = threadIdx.x % 4;
#pragma unroll
    for (int n = 0; n < Blocks; n++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            if (key + n * 8 + t * 2 + i % 2 >= (i < 2 ? seenByFirst : seenBySecond))
                scores[n][i] = -infinity;
}

// The largest of four lanes that share a row; the sum likewise.
__device__ inline float row_max(float x)
{
    x = fmaxf(x, __shfl_xor_sync(0xFFFFFFFFu, x, 1));
    return fmaxf(x, __shfl_xor_sync(0xFFFFFFFFu, x, 2));
}

__device__ inline float row_sum(float x)
{
    x += __shfl_xor_sync(0xFFFFFFFFu, x, 1);
    return x + __shfl_xor_sync(0xFFFFFFFFu, x, 2);
}

// A pair of neighbouring numbers.
__device__ inline void store_pair(bf16* to, float x, float y, int adds)
{
    if (adds)
    {
        uint before = *(const uint*)to;
        x += low_bf16(before);
        y += high_bf16(before);
    }
    *(uint*)to = pack_bf16(x, y);
}
