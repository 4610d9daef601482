// attention_decode.cu: attention of few queries over long keys, as in decoding: the keys are split over blocks, then the parts are joined.
// Dao et al. 2023, "Flash-Decoding for long-context inference": each part has its largest score, its sum and its result.
//
// A block takes one query row, one key head with the heads that share it, GROUP of them at a time, and one part of the keys, a tile at a
// time. Scores: LANES neighbouring threads, 8 numbers of the head each, take a key; LANES · 8 covers the head. Values: as many groups of
// threads as there are take keys in turn, a thread two numbers of the head. Numbers of powers of two, not of e.
#include "attention.cuh"

const int threads = 256, tile = 64, slots = threads / LANES, keysOfSlot = tile / slots;
const int pairs = LANES * 4, keyGroups = threads / pairs, keysOfGroup = tile / keyGroups;

__device__ inline float dot(const floats<8>& a, const pack<act, 8>& b)
{
    float sum = 0;
#pragma unroll
    for (int d = 0; d < 8; d++)
        sum += a.at[d] * to_float(b.at[d]);
    return sum;
}

// parts (row of the list, head, part, 2 + headSize): the largest score, the sum, the result of a part. Grid: x key head, y part, z row.
// oldRows: 1 where the keys are a cache, of which only the last rows, one for each query of the span, were written by launches just before.
extern "C" __global__ void __launch_bounds__(threads) attention_decode(
    const act* q, const act* k, const act* v, const span* spans, const int2* list, float* parts,
    int heads, int keyHeads, int headSize, float scale, int oldRows)
{
    __shared__ alignas(16) float scores[tile][GROUP];
    __shared__ float results[keyGroups][GROUP][LANES * 8], largest[GROUP], sums[GROUP], shrink[GROUP];

    next_may_start();
    int lane = threadIdx.x % LANES, slot = threadIdx.x / LANES, pair = threadIdx.x % pairs, keyGroup = threadIdx.x / pairs;
    int members = heads / keyHeads, apart = heads * headSize, keyApart = keyHeads * headSize;
    span s = spans[list[blockIdx.z].x];
    int i = list[blockIdx.z].y, seen = seen_by(s, i);
    int share = (seen + gridDim.y - 1) / gridDim.y, first = blockIdx.y * share, end = min(seen, first + share);
    k += (index_t)s.key * keyApart + blockIdx.x * headSize + lane * 8;
    v += (index_t)s.key * keyApart + blockIdx.x * headSize + pair * 2;
    bool hasKey = lane * 8 < headSize, hasValue = pair * 2 < headSize;

    // Rows that passes before this one left in the cache are there already: those of the first tile are asked for while others still work.
    pack<act, 8> keys[keysOfSlot] = {};
    pack<act, 2> values[keysOfGroup] = {};
    auto read = [&](int key, int from, int to)
    {
#pragma unroll
        for (int u = 0; u < keysOfSlot; u++)
            if (int at = key + slot + u * slots; hasKey && at >= from && at < to)
                keys[u] = *(const pack<act, 8>*)(k + (index_t)at * keyApart);
#pragma unroll
        for (int u = 0; u < keysOfGroup; u++)
            if (int at = key + keyGroup + u * keyGroups; hasValue && at >= from && at < to)
                values[u] = *(const pack<act, 2>*)(v + (index_t)at * keyApart);
    };
    int old = oldRows ? max(0, s.keys - s.queries) : 0;
    read(first, first, min(old, end));
    wait_for_those_before();

    for (int start = 0; start < members; start += GROUP)
    {
        floats<8> query[GROUP] = {};
        float result[GROUP][2] = {};
#pragma unroll
        for (int h = 0; h < GROUP; h++)
            if (hasKey && start + h < members)
                query[h] = load<8>(q + (index_t)(s.query + i) * apart + (blockIdx.x * members + start + h) * headSize + lane * 8);
        if (threadIdx.x < GROUP)
        {
            largest[threadIdx.x] = -infinity;
            sums[threadIdx.x] = 0;
        }

        for (int key = first; key < end; key += tile)
        {
            // Everything that comes from far away is asked for first.
            read(key, start == 0 && key == first ? max(first, old) : key, end);

#pragma unroll
            for (int u = 0; u < keysOfSlot; u++)
#pragma unroll
                for (int h = 0; h < GROUP; h++)
                {
                    float score = dot(query[h], keys[u]);
#pragma unroll
                    for (int other = LANES / 2; other > 0; other /= 2)
                        score += __shfl_xor_sync(0xFFFFFFFFu, score, other);
                    if (lane == 0)
                        scores[slot + u * slots][h] = key + slot + u * slots < end ? score * (scale * log2_e) : -infinity;
                }
            __syncthreads();

            // A warp for each head.
            int h = threadIdx.x / 32, j = threadIdx.x % 32;
            if (h < GROUP)
            {
                float x = scores[j][h], y = scores[j + 32][h], before = largest[h], now = fmaxf(before, warp_max(fmaxf(x, y)));
                scores[j][h] = x = exp2(x - now);
                scores[j + 32][h] = y = exp2(y - now);
                float sum = warp_sum(x + y);
                __syncwarp();
                if (j == 0)
                {
                    largest[h] = now;
                    shrink[h] = exp2(before - now);
                    sums[h] = sums[h] * shrink[h] + sum;
                }
            }
            __syncthreads();

#pragma unroll
            for (int h = 0; h < GROUP; h++)
            {
                result[h][0] *= shrink[h];
                result[h][1] *= shrink[h];
            }
#pragma unroll
            for (int u = 0; u < keysOfGroup; u++)
            {
                floats<GROUP> p = load<GROUP>(scores[keyGroup + u * keyGroups]);
#pragma unroll
                for (int h = 0; h < GROUP; h++)
                {
                    result[h][0] += p.at[h] * to_float(values[u].at[0]);
                    result[h][1] += p.at[h] * to_float(values[u].at[1]);
                }
            }
            __syncthreads();
        }

#pragma unroll
        for (int h = 0; h < GROUP; h++)
        {
            results[keyGroup][h][pair * 2] = result[h][0];
            results[keyGroup][h][pair * 2 + 1] = result[h][1];
        }
        __syncthreads();
        for (int at = threadIdx.x; at < min(GROUP, members - start) * (headSize + 2); at += threads)
        {
            int h = at / (headSize + 2), d = at % (headSize + 2) - 2;
            float total = d == -2 ? largest[h] : d == -1 ? sums[h] : 0;
            for (int other = 0; other < keyGroups && d >= 0; other++)
                total += results[other][h][d];
            parts[(((index_t)blockIdx.z * heads + blockIdx.x * members + start + h) * gridDim.y + blockIdx.y) * (headSize + 2) + d + 2] = total;
        }
        __syncthreads();
    }
}

// y = Σ of the parts, each times 2 to the power of (its largest score − the largest of all), over the sum of their sums. A block for each row
// of the list and head; at most 64 parts.
extern "C" __global__ void attention_decode_join(const float* parts, const span* spans, const int2* list, act* y, int heads, int headSize, int splits)
{
    __shared__ float weights[64];
    next_may_start();
    int2 at = list[blockIdx.x / heads];
    index_t to = ((index_t)(spans[at.x].query + at.y) * heads + blockIdx.x % heads) * headSize;
    wait_for_those_before();
    const float* part = parts + (index_t)blockIdx.x * splits * (headSize + 2);
    if (threadIdx.x < 32)
    {
        float largest[2], sum = 0;
#pragma unroll
        for (int k = 0; k < 2; k++)
            largest[k] = threadIdx.x + 32 * k < splits ? part[(threadIdx.x + 32 * k) * (headSize + 2)] : -infinity;
        float both = warp_max(fmaxf(largest[0], largest[1]));
#pragma unroll
        for (int k = 0; k < 2; k++)
        {
            int p = threadIdx.x + 32 * k;
            largest[k] = exp2(largest[k] - both);
            sum += p < splits ? largest[k] * part[p * (headSize + 2) + 1] : 0;
        }
        sum = warp_sum(sum);
#pragma unroll
        for (int k = 0; k < 2; k++)
            weights[threadIdx.x + 32 * k] = largest[k] / sum;
    }
    __syncthreads();

    for (int d = threadIdx.x; d < headSize; d += blockDim.x)
    {
        float result = 0;
#pragma unroll 16
        for (int p = 0; p < splits; p++)
            result += part[p * (headSize + 2) + 2 + d] * weights[p];
        set(y[to + d], result);
    }
}
