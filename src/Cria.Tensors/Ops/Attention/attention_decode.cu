// attention_decode.cu: attention of few queries over long keys, as in decoding: the keys are split over blocks, then the parts are joined.
// Dao et al. 2023, "Flash-Decoding for long-context inference": each part has its largest score, its sum and its result.
//
// A block takes one query row, one key head with the heads that share it, and one part of the keys. Lanes lie along the head, 8 numbers
// each, LANES of them to a key (LANES · 8 covers the head); GROUP heads share each key and value that is read.
#include "attention.cuh"

const int warps = 8, keysAtOnce = 32 / LANES, unroll = 4;

struct Running { float largest, sum, result[8]; };

// Two parts as one.
__device__ inline void join(Running& a, float largest, float sum, const float (&result)[8])
{
    float both = fmaxf(a.largest, largest);
    float x = both == -infinity ? 0 : exp2(a.largest - both), y = both == -infinity ? 0 : exp2(largest - both);
    a.largest = both;
    a.sum = a.sum * x + sum * y;
#pragma unroll
    for (int i = 0; i < 8; i++)
        a.result[i] = a.result[i] * x + result[i] * y;
}

// Takes in some scores (in powers of two) and values.
__device__ inline void add(Running& a, const float (&scores)[unroll], const pack<act, 8> (&values)[unroll])
{
    float largest = a.largest;
#pragma unroll
    for (int u = 0; u < unroll; u++)
        largest = fmaxf(largest, scores[u]);
    if (largest == -infinity)
        return;
    float shrink = exp2(a.largest - largest);
    a.largest = largest;
    a.sum *= shrink;
#pragma unroll
    for (int d = 0; d < 8; d++)
        a.result[d] *= shrink;
#pragma unroll
    for (int u = 0; u < unroll; u++)
    {
        float p = exp2(scores[u] - largest);
        a.sum += p;
#pragma unroll
        for (int d = 0; d < 8; d++)
            a.result[d] += p * to_float(values[u].at[d]);
    }
}

// parts (row of the list, head, part, 2 + headSize): the largest score, the sum, the result of a part. Grid: x key head, y part, z row.
extern "C" __global__ void __launch_bounds__(warps * 32) attention_decode(
    const act* q, const act* k, const act* v, const span* spans, const int2* list, float* parts,
    int heads, int keyHeads, int headSize, float scale)
{
    int lane = threadIdx.x % LANES, slot = threadIdx.x / LANES, slots = warps * keysAtOnce;
    int column = lane * 8, group = heads / keyHeads, apart = heads * headSize, keyApart = keyHeads * headSize;
    bool isInHead = column < headSize;
    span s = spans[list[blockIdx.z].x];
    int i = list[blockIdx.z].y, seen = seen_by(s, i);
    int share = (seen + gridDim.y - 1) / gridDim.y, first = blockIdx.y * share, end = min(seen, first + share);

    for (int start = 0; start < group; start += GROUP)
    {
        floats<8> query[GROUP] = {};
        Running running[GROUP];
#pragma unroll
        for (int h = 0; h < GROUP; h++)
        {
            if (isInHead && start + h < group)
                query[h] = load<8>(q + (index_t)(s.query + i) * apart + (blockIdx.x * group + start + h) * headSize + column);
            running[h] = { -infinity, 0, {} };
        }

        for (int key = first + slot; key - slot < end; key += slots * unroll)
        {
            pack<act, 8> keys[unroll] = {}, values[unroll] = {};
#pragma unroll
            for (int u = 0; u < unroll; u++)
                if (key + u * slots < end && isInHead)
                {
                    index_t at = (index_t)(s.key + key + u * slots) * keyApart + blockIdx.x * headSize + column;
                    keys[u] = *(const pack<act, 8>*)(k + at);
                    values[u] = *(const pack<act, 8>*)(v + at);
                }
#pragma unroll
            for (int h = 0; h < GROUP; h++)
            {
                float scores[unroll];
#pragma unroll
                for (int u = 0; u < unroll; u++)
                {
                    float score = 0;
#pragma unroll
                    for (int d = 0; d < 8; d++)
                        score += query[h].at[d] * to_float(keys[u].at[d]);
#pragma unroll
                    for (int other = LANES / 2; other > 0; other /= 2)
                        score += __shfl_xor_sync(0xFFFFFFFFu, score, other);
                    scores[u] = key + u * slots < end ? score * (scale * log2_e) : -infinity;
                }
                add(running[h], scores, values);
            }
        }

        // The slots of a warp, then the warps.
        __shared__ Running others[warps][GROUP][LANES];
#pragma unroll
        for (int h = 0; h < GROUP; h++)
        {
#pragma unroll
            for (int other = LANES; other < 32; other *= 2)
            {
                float result[8];
#pragma unroll
                for (int d = 0; d < 8; d++)
                    result[d] = __shfl_xor_sync(0xFFFFFFFFu, running[h].result[d], other);
                float largest = __shfl_xor_sync(0xFFFFFFFFu, running[h].largest, other), sum = __shfl_xor_sync(0xFFFFFFFFu, running[h].sum, other);
                join(running[h], largest, sum, result);
            }
            if (threadIdx.x % 32 < LANES)
                others[threadIdx.x / 32][h][lane] = running[h];
        }
        __syncthreads();
        for (int h = threadIdx.x / LANES; h < min(GROUP, group - start); h += slots)
        {
            Running total = { -infinity, 0, {} };
#pragma unroll
            for (int warp = 0; warp < warps; warp++)
                total.largest = fmaxf(total.largest, others[warp][h][lane].largest);
#pragma unroll
            for (int warp = 0; warp < warps; warp++)
            {
                const Running& other = others[warp][h][lane];
                float factor = other.sum > 0 ? exp2(other.largest - total.largest) : 0;
                total.sum += factor * other.sum;
#pragma unroll
                for (int d = 0; d < 8; d++)
                    total.result[d] += factor * other.result[d];
            }
            float* part = parts + (((index_t)blockIdx.z * heads + blockIdx.x * group + start + h) * gridDim.y + blockIdx.y) * (headSize + 2);
            if (lane == 0)
            {
                part[0] = total.largest;
                part[1] = total.sum;
            }
            for (int d = 0; d < 8 && isInHead; d++)
                part[2 + column + d] = total.result[d];
        }
        __syncthreads();
    }
}

// y = Σ of the parts, each times 2 to the power of (its largest score − the largest of all), over the sum of their sums. A block for each row
// of the list and head; at most 64 parts.
extern "C" __global__ void attention_decode_join(const float* parts, const span* spans, const int2* list, act* y, int heads, int headSize, int splits)
{
    __shared__ float weights[64];
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

    int2 at = list[blockIdx.x / heads];
    index_t to = ((index_t)(spans[at.x].query + at.y) * heads + blockIdx.x % heads) * headSize;
    for (int d = threadIdx.x; d < headSize; d += blockDim.x)
    {
        float result = 0;
#pragma unroll 16
        for (int p = 0; p < splits; p++)
            result += part[p * (headSize + 2) + 2 + d] * weights[p];
        set(y[to + d], result);
    }
}
