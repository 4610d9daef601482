// attention_tensor.cu: attention on tensor cores, in bfloat16 with sums in float. The formulas stand in Attention.cs.
// Dao 2023, https://arxiv.org/abs/2307.08691: a block of four warps holds 64 rows, each warp 16 of them, and walks over tiles of 64 on the
// other side; scores never leave the registers. Backward has two kernels, one by queries (dq) and one by keys (dk, dv): neither adds
// atomically, so that a result is the same in every run.
//
// Grid: x a head (forward, dq) or a key head (dk, dv), y an entry of the host's list of tiles, the longest first.
// HEAD is D, a multiple of 16; heads of other sizes are padded with zeros in shared memory, and are multiples of 8 numbers. STAGES is how
// many tiles of the other side are in shared memory at a time: 2, so that one is loaded while the other is used, or 1 on small cards.
#include "attention.cuh"

const int threads = 128, tile = 64, D = HEAD, stages = STAGES;
typedef Tile<D> T;

// While step i of a walk is worked on the next one is fetched; or with one stage each is fetched when its turn comes. Step 0 is under way.
template <typename Fetch>
__device__ inline int next_stage(int step, int steps, Fetch fetch)
{
    if (stages == 2 && step + 1 < steps)
        fetch(step + 1, (step + 1) % 2);
    if (stages == 1 && step > 0)
        fetch(step, 0);
    end_group();
    wait_groups<stages - 1>();
    __syncthreads();
    return stages == 2 ? step % 2 : 0;
}

// tiles[y] = (span, first query of the tile)
extern "C" __global__ void __launch_bounds__(threads) attention_forward(
    const bf16* q, const bf16* k, const bf16* v, const span* spans, const int2* tiles, bf16* y, float* logSums,
    int rows, int heads, int keyHeads, int headSize, float scale)
{
    extern __shared__ __align__(128) byte memory[];
    bf16 *queries = (bf16*)memory, *keys = queries + T::size, *values = keys + stages * T::size;

    int head = blockIdx.x, keyHead = head / (heads / keyHeads), apart = heads * headSize, keyApart = keyHeads * headSize;
    int2 at = tiles[blockIdx.y];
    span s = spans[at.x];
    int count = min(tile, s.queries - at.y), seen = seen_by(s, at.y + count - 1);
    q += head * headSize;
    k += keyHead * headSize;
    v += keyHead * headSize;

    T::fetch(queries, q, s.query + at.y, count, apart, headSize);
    auto fetch = [&](int step, int stage)
    {
        int key = step * tile;
        T::fetch(keys + stage * T::size, k, s.key + key, min(tile, seen - key), keyApart, headSize);
        T::fetch(values + stage * T::size, v, s.key + key, min(tile, seen - key), keyApart, headSize);
    };
    fetch(0, 0);
    end_group();

    int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4, t = threadIdx.x % 4, row = warp * 16 + g;
    float toPowersOfTwo = scale * log2_e, largest[2] = { -infinity, -infinity }, sum[2] = { 0, 0 }, result[D / 8][4] = {};
    for (int step = 0, steps = (seen + tile - 1) / tile; step < steps; step++)
    {
        int stage = next_stage(step, steps, fetch), key = step * tile;
        float p[8][4];
        multiply_turned<D>(p, queries, warp * 16, keys + stage * T::size);
        if (key + tile > seen_by(s, at.y + warp * 16))
            hide(p, key, min(s.keys, seen_by(s, at.y + row)), min(s.keys, seen_by(s, at.y + row + 8)));
#pragma unroll
        for (int half = 0; half < 2; half++)
        {
            float before = largest[half], now = before, part = 0;
#pragma unroll
            for (int n = 0; n < 8; n++)
                now = fmaxf(now, fmaxf(p[n][2 * half], p[n][2 * half + 1]));
            now = row_max(now);
            float shrink = exp2((before - now) * toPowersOfTwo), base = now * toPowersOfTwo;
#pragma unroll
            for (int n = 0; n < 8; n++)
            {
                p[n][2 * half] = exp2(p[n][2 * half] * toPowersOfTwo - base);
                p[n][2 * half + 1] = exp2(p[n][2 * half + 1] * toPowersOfTwo - base);
                part += p[n][2 * half] + p[n][2 * half + 1];
            }
            largest[half] = now;
            sum[half] = sum[half] * shrink + part;
#pragma unroll
            for (int n = 0; n < D / 8; n++)
            {
                result[n][2 * half] *= shrink;
                result[n][2 * half + 1] *= shrink;
            }
        }
        add_product<D, D>(result, p, values + stage * T::size, 0);
        __syncthreads();
    }

#pragma unroll
    for (int half = 0; half < 2; half++)
    {
        int i = row + half * 8;
        float total = row_sum(sum[half]), inverse = 1 / total;
        if (i >= count)
            continue;
        index_t to = (index_t)(s.query + at.y + i) * apart + head * headSize;
#pragma unroll
        for (int n = 0; n < D / 8; n++)
            if (n * 8 < headSize)
                store_pair(y + to + n * 8 + t * 2, result[n][2 * half] * inverse, result[n][2 * half + 1] * inverse, 0);
        if (logSums && t == 0)
            logSums[(index_t)head * rows + s.query + at.y + i] = largest[half] * scale + logf(total);
    }
}

// p = exp(c · score − logSum), then ds = p · (dp − δ), both of 16 rows and 64 columns. The scale c of ds is put on its products' sums.
// logSum and δ belong to rows (dq) or to columns (dk, dv): a functor picks them.
template <typename Pick>
__device__ inline void probabilities(float (&p)[8][4], float toPowersOfTwo, Pick logSum)
{
#pragma unroll
    for (int n = 0; n < 8; n++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            p[n][i] = exp2(p[n][i] * toPowersOfTwo - logSum(n, i) * log2_e);
}

template <typename Pick>
__device__ inline void score_gradients(float (&ds)[8][4], const float (&p)[8][4], Pick delta)
{
#pragma unroll
    for (int n = 0; n < 8; n++)
#pragma unroll
        for (int i = 0; i < 4; i++)
            ds[n][i] = p[n][i] * (ds[n][i] - delta(n, i));
}

// dq of 64 queries: tiles as in forward.
extern "C" __global__ void __launch_bounds__(threads) attention_backward_queries(
    const bf16* q, const bf16* k, const bf16* v, const span* spans, const int2* tiles, const float* logSums, const float* deltas,
    const bf16* dy, bf16* dq, int adds, int rows, int heads, int keyHeads, int headSize, float scale)
{
    extern __shared__ __align__(128) byte memory[];
    bf16 *queries = (bf16*)memory, *gradients = queries + T::size, *keys = gradients + T::size, *values = keys + stages * T::size;

    int head = blockIdx.x, keyHead = head / (heads / keyHeads), apart = heads * headSize, keyApart = keyHeads * headSize;
    int2 at = tiles[blockIdx.y];
    span s = spans[at.x];
    int count = min(tile, s.queries - at.y), seen = seen_by(s, at.y + count - 1);
    k += keyHead * headSize;
    v += keyHead * headSize;

    T::fetch(queries, q + head * headSize, s.query + at.y, count, apart, headSize);
    T::fetch(gradients, dy + head * headSize, s.query + at.y, count, apart, headSize);
    auto fetch = [&](int step, int stage)
    {
        int key = step * tile;
        T::fetch(keys + stage * T::size, k, s.key + key, min(tile, seen - key), keyApart, headSize);
        T::fetch(values + stage * T::size, v, s.key + key, min(tile, seen - key), keyApart, headSize);
    };
    fetch(0, 0);
    end_group();

    int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4, t = threadIdx.x % 4, row = warp * 16 + g;
    index_t sums = (index_t)head * rows + s.query + at.y;
    float logSum[2], delta[2], result[D / 8][4] = {};
#pragma unroll
    for (int half = 0; half < 2; half++)
    {
        logSum[half] = row + half * 8 < count ? logSums[sums + row + half * 8] : 0;
        delta[half] = row + half * 8 < count ? deltas[sums + row + half * 8] : 0;
    }
    for (int step = 0, steps = (seen + tile - 1) / tile; step < steps; step++)
    {
        int stage = next_stage(step, steps, fetch), key = step * tile;
        float p[8][4], ds[8][4];
        multiply_turned<D>(p, queries, warp * 16, keys + stage * T::size);
        if (key + tile > seen_by(s, at.y + warp * 16))
            hide(p, key, min(s.keys, seen_by(s, at.y + row)), min(s.keys, seen_by(s, at.y + row + 8)));
        probabilities(p, scale * log2_e, [&](int, int i) { return logSum[i / 2]; });
        multiply_turned<D>(ds, gradients, warp * 16, values + stage * T::size);
        score_gradients(ds, p, [&](int, int i) { return delta[i / 2]; });
        add_product<D, D>(result, ds, keys + stage * T::size, 0);
        __syncthreads();
    }

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

// Half of the columns of large heads at a time: more sums would not fit the registers.
const int columns = D > 128 ? D / 2 : D;

// dk and dv of 64 keys, a part of their D columns (z says which): tiles[y] = (first key row, keys, first span, spans). All spans of a
// group of spans that share keys are walked over, and all heads that share the key head, always in the same order. A null gradient is
// skipped.
extern "C" __global__ void __launch_bounds__(threads) attention_backward_keys(
    const bf16* q, const bf16* k, const bf16* v, const span* spans, const int4* tiles, const float* logSums, const float* deltas,
    const bf16* dy, bf16* dk, int addsKeys, bf16* dv, int addsValues, int rows, int heads, int keyHeads, int headSize, float scale)
{
    extern __shared__ __align__(128) byte memory[];
    bf16 *keys = (bf16*)memory, *values = keys + T::size, *queries = values + T::size, *gradients = queries + stages * T::size;
    float* sums = (float*)(gradients + stages * T::size);        // logSum, then δ, of the 64 queries of each stage

    int keyHead = blockIdx.x, group = heads / keyHeads, apart = heads * headSize, keyApart = keyHeads * headSize, first = blockIdx.z * columns;
    int4 at = tiles[blockIdx.y];
    T::fetch(keys, k + keyHead * headSize, at.x, at.y, keyApart, headSize);
    T::fetch(values, v + keyHead * headSize, at.x, at.y, keyApart, headSize);
    end_group();

    int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4, t = threadIdx.x % 4, row = warp * 16 + g;
    float dKeys[columns / 8][4] = {}, dValues[columns / 8][4] = {};
    for (int index = at.z; index < at.z + at.w; index++)
    {
        span s = spans[index];
        int key = at.x - s.key;                             // of the tile's first row, counted in the span; may be negative
        int from = max(0, key), end = min(s.keys, key + at.y);
        if (from >= end)
            continue;
        int start = first_that_sees(s, from) / tile * tile, steps = (s.queries - start + tile - 1) / tile * group;
        auto fetch = [&](int step, int stage)
        {
            int query = start + step / group * tile, head = keyHead * group + step % group, count = min(tile, s.queries - query);
            T::fetch(queries + stage * T::size, q + head * headSize, s.query + query, count, apart, headSize);
            T::fetch(gradients + stage * T::size, dy + head * headSize, s.query + query, count, apart, headSize);
            int i = threadIdx.x % tile;
            const float* source = threadIdx.x < tile ? logSums : deltas;
            sums[stage * 2 * tile + threadIdx.x] = i < count ? source[(index_t)head * rows + s.query + query + i] : 0;
        };
        if (steps > 0)
            fetch(0, 0);
        end_group();
        for (int step = 0; step < steps; step++)
        {
            int stage = next_stage(step, steps, fetch);
            int query = start + step / group * tile;
            const float* stageSums = sums + stage * 2 * tile;
            float p[8][4], ds[8][4];
            multiply_turned<D>(p, keys, warp * 16, queries + stage * T::size);
            if (query + tile > s.queries || key < 0 || key + tile > s.keys || key + tile > seen_by(s, query))
            {
#pragma unroll
                for (int n = 0; n < 8; n++)
#pragma unroll
                    for (int i = 0; i < 4; i++)
                    {
                        int j = key + row + i / 2 * 8, here = query + n * 8 + t * 2 + i % 2;
                        if (j < 0 || j >= s.keys || here >= s.queries || j >= seen_by(s, here))
                            p[n][i] = -infinity;
                    }
            }
            probabilities(p, scale * log2_e, [&](int n, int i) { return stageSums[n * 8 + t * 2 + i % 2]; });
            if (dv)
                add_product<D, columns>(dValues, p, gradients + stage * T::size, first);
            if (dk)
            {
                multiply_turned<D>(ds, values, warp * 16, gradients + stage * T::size);
                score_gradients(ds, p, [&](int n, int i) { return stageSums[tile + n * 8 + t * 2 + i % 2]; });
                add_product<D, columns>(dKeys, ds, queries + stage * T::size, first);
            }
            __syncthreads();
        }
    }

#pragma unroll
    for (int half = 0; half < 2; half++)
    {
        int i = row + half * 8;
        if (i >= at.y)
            continue;
        index_t to = (index_t)(at.x + i) * keyApart + keyHead * headSize + first;
#pragma unroll
        for (int n = 0; n < columns / 8; n++)
        {
            if (first + n * 8 >= headSize)
                continue;
            if (dk)
                store_pair(dk + to + n * 8 + t * 2, dKeys[n][2 * half] * scale, dKeys[n][2 * half + 1] * scale, addsKeys);
            if (dv)
                store_pair(dv + to + n * 8 + t * 2, dValues[n][2 * half], dValues[n][2 * half + 1], addsValues);
        }
    }
}
