// attention_wgmma.cu: attention on the tensor cores of Hopper. The formulas stand in Attention.cs; attention_tensor.cu is the same for all
// cards, with the same lists and arguments.
// Shah et al. 2024, https://arxiv.org/abs/2407.08608, section 3.2: while a group of warps turns the scores of one tile into probabilities, the
// tensor cores add the values of the tile before.
//
// HEAD is D: 64 or 128. A block of two groups of four warps holds 128 queries, or keys for dk and dv, each group 64 of them.
#include "wgmma.cuh"

const int D = HEAD, threads = 256, tile = 128;
typedef Panels<tile> P;
const int matrix = tile * D * 2;    // bytes

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
            P::fetch<D, threads>(to + step % 2 * matrix, from + keyHead * headSize, s.key + step * tile, min(tile, seen - step * tile), keyApart, headSize);
    };
    P::fetch<D, threads>(queries, q + head * headSize, s.query + at.y, count, apart, headSize);
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
    settle(scores);
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
        settle(scores);
        normalise(step);
        wait_products<0>();
        settle(result);
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
    settle(result);

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

// Backward: tiles of 64 on the other side, three at a time: one is read, of one the last products may be under way, one is loaded.
const int step_rows = 64, stages = 3, step_matrix = step_rows * D * 2;
typedef Panels<step_rows> S;

// p = exp(c · score − logSum): logSum belongs to rows (dq) or to columns (dk, dv), as a functor says.
template <typename Pick>
__device__ inline void probabilities(float (&p)[step_rows / 8][4], float toPowersOfTwo, Pick logSum)
{
#pragma unroll
    for (int n = 0; n < step_rows / 8; n++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            p[n][i] = exp2(p[n][i] * toPowersOfTwo - logSum(n, i));
}

// ds = p · (dp − δ); its factor c is put on the sums.
template <typename Pick>
__device__ inline void score_gradients(float (&ds)[step_rows / 8][4], const float (&p)[step_rows / 8][4], Pick delta)
{
#pragma unroll
    for (int n = 0; n < step_rows / 8; n++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            ds[n][i] = p[n][i] * (ds[n][i] - delta(n, i));
}

// sum (64 × D) += left (64 × 64) times a tile (64 × D)
__device__ inline void add_product(float (&sum)[D / 8][4], const uint (&left)[step_rows / 16][4], const byte* tile)
{
#pragma unroll
    for (int k = 0; k < step_rows / 16; k++)
        multiply_registers_turned(sum, left[k], S::rows(tile, k * 16, 0), 1);
}

// Queries and their gradients are read from shared memory in every product. Kept in registers they would be 2 % faster, but in small heads
// ptxas of CUDA 12.4 and 13.0 writes ds over such registers.
// dq of 128 queries: tiles as in forward.
extern "C" __global__ void __launch_bounds__(threads, 1) attention_backward_queries(
    const bf16* q, const bf16* k, const bf16* v, const span* spans, const int2* tiles, const float* logSums, const float* deltas,
    const bf16* dy, bf16* dq, int adds, int rows, int heads, int keyHeads, int headSize, float scale)
{
    extern __shared__ __align__(1024) byte memory[];
    byte *queries = memory, *gradients = queries + matrix, *keys = gradients + matrix, *values = keys + stages * step_matrix;

    int head = blockIdx.x, keyHead = head / (heads / keyHeads), apart = heads * headSize, keyApart = keyHeads * headSize;
    int2 at = tiles[blockIdx.y];
    span s = spans[at.x];
    int count = min(tile, s.queries - at.y), seen = seen_by(s, at.y + count - 1), steps = (seen + step_rows - 1) / step_rows;
    auto fetch = [&](int step)
    {
        if (step < steps)
        {
            int key = step * step_rows, to = step % stages * step_matrix;
            S::fetch<D, threads>(keys + to, k + keyHead * headSize, s.key + key, min(step_rows, seen - key), keyApart, headSize);
            S::fetch<D, threads>(values + to, v + keyHead * headSize, s.key + key, min(step_rows, seen - key), keyApart, headSize);
        }
        end_group();
    };
    P::fetch<D, threads>(queries, q + head * headSize, s.query + at.y, count, apart, headSize);
    P::fetch<D, threads>(gradients, dy + head * headSize, s.query + at.y, count, apart, headSize);
    end_group();
    fetch(0);

    int group = threadIdx.x / 128, g = threadIdx.x % 32 / 4, t = threadIdx.x % 4, row = threadIdx.x / 32 * 16 + g;
    int firstSeen = seen_by(s, at.y + group * 64), seenByFirst = min(s.keys, seen_by(s, at.y + row)), seenBySecond = min(s.keys, seen_by(s, at.y + row + 8));
    index_t sums = (index_t)head * rows + s.query + at.y;
    float logSum[2], delta[2], result[D / 8][4] = {}, p[step_rows / 8][4], ds[step_rows / 8][4];
#pragma unroll
    for (int half = 0; half < 2; half++)
    {
        logSum[half] = row + half * 8 < count ? logSums[sums + row + half * 8] * log2_e : 0;
        delta[half] = row + half * 8 < count ? deltas[sums + row + half * 8] : 0;
    }
    uint left[step_rows / 16][4];
    for (int step = 0; step < steps; step++)
    {
        wait_groups<0>();
        publish();
        __syncthreads();
        fetch(step + 1);
        const byte *tileKeys = keys + step % stages * step_matrix, *tileValues = values + step % stages * step_matrix;
        begin_products();
#pragma unroll
        for (int i = 0; i < D / 16; i++)
            multiply_wide(p, P::columns(queries, group * 64, i * 16), S::columns(tileKeys, 0, i * 16), i > 0);
        end_products();
#pragma unroll
        for (int i = 0; i < D / 16; i++)
            multiply_wide(ds, P::columns(gradients, group * 64, i * 16), S::columns(tileValues, 0, i * 16), i > 0);
        end_products();
        wait_products<1>();
        settle(p);
        if ((step + 1) * step_rows > firstSeen)
            hide(p, step * step_rows, seenByFirst, seenBySecond);
        probabilities(p, scale * log2_e, [&](int, int i) { return logSum[i / 2]; });
        wait_products<0>();
        settle(ds);
        score_gradients(ds, p, [&](int, int i) { return delta[i / 2]; });
        to_left(left, ds);
        begin_products();
        add_product(result, left, tileKeys);
        end_products();
        if (D == 64)
            wait_products<0>();     // else the compiler has all products wait for each other
    }
    wait_products<0>();
    settle(result);

#pragma unroll
    for (int half = 0; half < 2; half++)
    {
        int i = row + half * 8;
        if (i >= count)
            continue;
        index_t to = (index_t)(s.query + at.y + i) * apart + head * headSize;
#pragma unroll
        for (int n = 0; n < D / 8; n++)
            if (n * 8 < headSize)
                store_pair(dq + to + n * 8 + t * 2, result[n][2 * half] * scale, result[n][2 * half + 1] * scale, adds);
    }
}

// A float from device to shared memory, asynchronously; 0 where there is nothing to read.
__device__ inline void copy_4(void* to, const void* from, bool isThere)
{
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" :: "r"(shared_address(to)), "l"(from), "r"(isThere ? 4 : 0) : "memory");
}

// dk and dv of 128 keys: tiles[y] = (first key row, keys, first span, spans). All spans of a group of spans that share keys are walked over,
// and all heads that share the key head, always in the same order. A null gradient is not stored.
extern "C" __global__ void __launch_bounds__(threads, 1) attention_backward_keys(
    const bf16* q, const bf16* k, const bf16* v, const span* spans, const int4* tiles, const float* logSums, const float* deltas,
    const bf16* dy, bf16* dk, int addsKeys, bf16* dv, int addsValues, int rows, int heads, int keyHeads, int headSize, float scale)
{
    extern __shared__ __align__(1024) byte memory[];
    byte *keys = memory, *values = keys + matrix, *queries = values + matrix, *gradients = queries + stages * step_matrix;
    float* sums = (float*)(gradients + stages * step_matrix);       // logSum, then δ, of the 64 queries of each stage

    int keyHead = blockIdx.x, members = heads / keyHeads, apart = heads * headSize, keyApart = keyHeads * headSize;
    int4 at = tiles[blockIdx.y];
    P::fetch<D, threads>(keys, k + keyHead * headSize, at.x, at.y, keyApart, headSize);
    P::fetch<D, threads>(values, v + keyHead * headSize, at.x, at.y, keyApart, headSize);

    int group = threadIdx.x / 128, g = threadIdx.x % 32 / 4, t = threadIdx.x % 4, row = threadIdx.x / 32 * 16 + g;
    float dKeys[D / 8][4] = {}, dValues[D / 8][4] = {}, p[step_rows / 8][4], ds[step_rows / 8][4];
    uint left[step_rows / 16][4], left2[step_rows / 16][4];
    for (int index = at.z; index < at.z + at.w; index++)
    {
        span s = spans[index];
        int key = at.x - s.key;                             // of the tile's first row, counted in the span; may be negative
        int from = max(0, key), end = min(s.keys, key + at.y);
        if (from >= end)
            continue;
        int start = first_that_sees(s, from) / step_rows * step_rows, steps = (s.queries - start + step_rows - 1) / step_rows * members;
        auto fetch = [&](int step)
        {
            if (step < steps)
            {
                int query = start + step / members * step_rows, head = keyHead * members + step % members, count = min(step_rows, s.queries - query);
                int to = step % stages * step_matrix, i = threadIdx.x % step_rows;
                S::fetch<D, threads>(queries + to, q + head * headSize, s.query + query, count, apart, headSize);
                S::fetch<D, threads>(gradients + to, dy + head * headSize, s.query + query, count, apart, headSize);
                if (threadIdx.x < 2 * step_rows)
                    copy_4(
                        sums + step % stages * 2 * step_rows + threadIdx.x,
                        (threadIdx.x < step_rows ? logSums : deltas) + (index_t)head * rows + s.query + query + i, i < count);
            }
            end_group();
        };
        wait_products<0>();
        __syncthreads();        // nobody reads the tiles of the span before any more
        fetch(0);
        for (int step = 0; step < steps; step++)
        {
            wait_groups<0>();
            publish();
            __syncthreads();
            fetch(step + 1);
            const byte *tileQueries = queries + step % stages * step_matrix, *tileGradients = gradients + step % stages * step_matrix;
            const float* stepSums = sums + step % stages * 2 * step_rows;
            begin_products();
#pragma unroll
            for (int i = 0; i < D; i += 16)
                multiply_wide(p, P::columns(keys, group * 64, i), S::columns(tileQueries, 0, i), i > 0);
            end_products();
#pragma unroll
            for (int i = 0; i < D; i += 16)
                multiply_wide(ds, P::columns(values, group * 64, i), S::columns(tileGradients, 0, i), i > 0);
            end_products();
            wait_products<1>();
            settle(p);
            int query = start + step / members * step_rows;
            if (query + step_rows > s.queries || key < 0 || key + tile > s.keys || key + tile > seen_by(s, query))
            {
#pragma unroll
                for (int n = 0; n < step_rows / 8; n++)
#pragma unroll
                    for (int i = 0; i < 4; i++)
                    {
                        int j = key + row + i / 2 * 8, here = query + n * 8 + t * 2 + i % 2;
                        if (j < 0 || j >= s.keys || here >= s.queries || j >= seen_by(s, here))
                            p[n][i] = -infinity;
                    }
            }
            probabilities(p, scale * log2_e, [&](int n, int i) { return stepSums[n * 8 + t * 2 + i % 2] * log2_e; });
            to_left(left, p);
            begin_products();
            add_product(dValues, left, tileGradients);
            end_products();
            wait_products<1>();
            settle(ds);
            score_gradients(ds, p, [&](int n, int i) { return stepSums[step_rows + n * 8 + t * 2 + i % 2]; });
            to_left(left2, ds);
            begin_products();
            add_product(dKeys, left2, tileQueries);
            end_products();
        }
    }
    wait_products<0>();
    settle(dKeys);
    settle(dValues);

#pragma unroll
    for (int half = 0; half < 2; half++)
    {
        int i = row + half * 8;
        if (i >= at.y)
            continue;
        index_t to = (index_t)(at.x + i) * keyApart + keyHead * headSize;
#pragma unroll
        for (int n = 0; n < D / 8; n++)
        {
            if (n * 8 >= headSize)
                continue;
            if (dk)
                store_pair(dk + to + n * 8 + t * 2, dKeys[n][2 * half] * scale, dKeys[n][2 * half + 1] * scale, addsKeys);
            if (dv)
                store_pair(dv + to + n * 8 + t * 2, dValues[n][2 * half], dValues[n][2 * half + 1], addsValues);
        }
    }
}
