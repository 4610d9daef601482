// attention_wgmma.cu: attention on the tensor cores of Hopper. The formulas stand in Attention.cs; attention_tensor.cu is the same for all
// cards, with the same lists and arguments.
// Shah et al. 2024, https://arxiv.org/abs/2407.08608, section 3.2: while a group of warps turns the scores of one tile into probabilities, the
// tensor cores add the values of the tile before.
//
// HEAD is D: 64 or 128. A block of two groups of four warps holds 128 queries, each group 64 of them.
#include "wgmma.cuh"

const int D = HEAD, threads = 256, tile = 128;
typedef Panels<tile> P;
const int matrix = tile * D * 2;    // bytes

// Scores of 64 queries: those that row g or g + 8 of a lane must not see become −∞.
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

// The largest score of rows g and g + 8, Σ exp(score − largest) of this lane, and by how much what was added before must be multiplied.
struct Running
{
    float largest[2] = { -infinity, -infinity }, sum[2] = { 0, 0 }, shrink[2];

    // Turns a tile of scores into exp(c · (score − largest)).
    template <int Blocks>
    __device__ void add(float (&scores)[Blocks][4], float toPowersOfTwo)
    {
#pragma unroll
        for (int half = 0; half < 2; half++)
        {
            float now = largest[half], part = 0;
#pragma unroll
            for (int n = 0; n < Blocks; n++)
                now = fmaxf(now, fmaxf(scores[n][2 * half], scores[n][2 * half + 1]));
            now = row_max(now);
            shrink[half] = exp2((largest[half] - now) * toPowersOfTwo);
            largest[half] = now;
            float base = now * toPowersOfTwo;
#pragma unroll
            for (int n = 0; n < Blocks; n++)
            {
                scores[n][2 * half] = exp2(scores[n][2 * half] * toPowersOfTwo - base);
                scores[n][2 * half + 1] = exp2(scores[n][2 * half + 1] * toPowersOfTwo - base);
                part += scores[n][2 * half] + scores[n][2 * half + 1];
            }
            sum[half] = sum[half] * shrink[half] + part;
        }
    }
};

// c (64 × 128) = 64 rows of a times bᵀ
__device__ inline void score(float (&c)[tile / 8][4], const byte* a, int row, const byte* b)
{
#pragma unroll
    for (int k = 0; k < D; k += 16)
        multiply_wide(c, P::columns(a, row, k), P::columns(b, 0, k), k > 0);
}

// 16 columns of probabilities as the left side of a product.
template <int Blocks>
__device__ inline void to_left(uint (&left)[Blocks / 2][4], const float (&p)[Blocks][4])
{
#pragma unroll
    for (int k = 0; k < Blocks / 2; k++)
    {
        left[k][0] = pack_bf16(p[2 * k][0], p[2 * k][1]);
        left[k][1] = pack_bf16(p[2 * k][2], p[2 * k][3]);
        left[k][2] = pack_bf16(p[2 * k + 1][0], p[2 * k + 1][1]);
        left[k][3] = pack_bf16(p[2 * k + 1][2], p[2 * k + 1][3]);
    }
}

// result (64 × D) += p (64 × 128) times b (128 × D)
__device__ inline void add_values(float (&result)[D / 8][4], const uint (&p)[tile / 16][4], const byte* b)
{
#pragma unroll
    for (int k = 0; k < tile / 16; k++)
        multiply_registers_turned(result, p[k], P::rows(b, k * 16, 0), 1);
}

// tiles[y] = (span, first query of the tile)
extern "C" __global__ void __launch_bounds__(threads, 1) attention_forward(
    const bf16* q, const bf16* k, const bf16* v, const span* spans, const int2* tiles, bf16* y, float* logSums,
    int rows, int heads, int keyHeads, int headSize, float scale)
{
    extern __shared__ __align__(1024) byte memory[];
    byte *queries = memory, *keys = queries + matrix, *values = keys + 2 * matrix;

    int head = blockIdx.x, keyHead = head / (heads / keyHeads), apart = heads * headSize, keyApart = keyHeads * headSize;
    int2 at = tiles[blockIdx.y];
    span s = spans[at.x];
    int count = min(tile, s.queries - at.y), seen = seen_by(s, at.y + count - 1), steps = (seen + tile - 1) / tile;
    auto fetch = [&](byte* to, const bf16* from, int step)
    {
        if (step < steps)
            P::fetch(to + step % 2 * matrix, from + keyHead * headSize, s.key + step * tile, min(tile, seen - step * tile), keyApart, headSize, D, threadIdx.x, threads);
    };
    P::fetch(queries, q + head * headSize, s.query + at.y, count, apart, headSize, D, threadIdx.x, threads);
    fetch(keys, k, 0);
    end_group();

    int group = threadIdx.x / 128, g = threadIdx.x % 32 / 4, t = threadIdx.x % 4, row = threadIdx.x / 32 * 16 + g;
    int firstSeen = seen_by(s, at.y + group * 64), seenByFirst = min(s.keys, seen_by(s, at.y + row)), seenBySecond = min(s.keys, seen_by(s, at.y + row + 8));
    float result[D / 8][4] = {}, scores[tile / 8][4];
    uint p[tile / 16][4];
    Running running;
    auto arrive = [&](int step)
    {
        wait_groups<0>();
        publish();
        __syncthreads();        // the keys of this step and the values of the one before are there, and what was read before is free
        fetch(keys, k, step + 1);
        fetch(values, v, step);
        end_group();
    };
    auto normalise = [&](int step)
    {
        if ((step + 1) * tile > firstSeen)
            hide(scores, step * tile, seenByFirst, seenBySecond);
        running.add(scores, scale * log2_e);
    };

    arrive(0);
    begin_products();
    score(scores, queries, group * 64, keys);
    end_products();
    wait_products<0>();
    normalise(0);
    to_left(p, scores);
    for (int step = 1; step < steps; step++)
    {
        arrive(step);
        begin_products();
        score(scores, queries, group * 64, keys + step % 2 * matrix);
        end_products();
        add_values(result, p, values + (step - 1) % 2 * matrix);
        end_products();
        wait_products<1>();
        normalise(step);
        wait_products<0>();
#pragma unroll
        for (int n = 0; n < D / 8; n++)
#pragma unroll
            for (int i = 0; i < 4; i++)
                result[n][i] *= running.shrink[i / 2];
        to_left(p, scores);
    }
    arrive(steps);
    begin_products();
    add_values(result, p, values + (steps - 1) % 2 * matrix);
    end_products();
    wait_products<0>();

#pragma unroll
    for (int half = 0; half < 2; half++)
    {
        int i = row + half * 8;
        float total = row_sum(running.sum[half]), inverse = 1 / total;
        if (i >= count)
            continue;
        index_t to = (index_t)(s.query + at.y + i) * apart + head * headSize;
#pragma unroll
        for (int n = 0; n < D / 8; n++)
            if (n * 8 < headSize)
                store_pair(y + to + n * 8 + t * 2, result[n][2 * half] * inverse, result[n][2 * half + 1] * inverse, 0);
        if (logSums && t == 0)
            logSums[(index_t)head * rows + s.query + at.y + i] = running.largest[half] * scale + logf(total);
    }
}
