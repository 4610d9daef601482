// attention_plain.cu: attention for any head size and either kind of activation, one row of a head to a warp. The formulas stand in
// Attention.cs; attention_tensor.cu is the fast one. 32 keys (or queries) at a time: each lane scores one of them, then all lanes add what
// they are worth, a lane for every 32nd number of the head. The sums of a warp lie in shared memory.
#include "attention.cuh"

__device__ inline float dot(const act* a, const act* b, int length)
{
    float sum = 0;
    for (int d = 0; d < length; d++)
        sum += to_float(a[d]) * to_float(b[d]);
    return sum;
}

// sum += Σ over 32 lanes of weight · rows[lane], whose first row is x.
__device__ inline void add_rows(float* sum, float weight, const act* x, int count, int apart, int length)
{
    for (int j = 0; j < count; j++)
    {
        float factor = __shfl_sync(0xFFFFFFFFu, weight, j);
        for (int d = threadIdx.x % 32; d < length; d += 32)
            sum[d] += factor * to_float(x[(index_t)j * apart + d]);
    }
}

struct Head
{
    int head, keyHead, apart, keyApart, size;
    __device__ Head(int head, int heads, int keyHeads, int size)
        : head(head), keyHead(head / (heads / keyHeads)), apart(heads * size), keyApart(keyHeads * size), size(size) {}
    __device__ index_t query(index_t row) const { return row * apart + head * size; }
    __device__ index_t key(index_t row) const { return row * keyApart + keyHead * size; }
};

// A warp for each query row of the list (span, query) and each head.
extern "C" __global__ void attention_forward_plain(
    const act* q, const act* k, const act* v, const span* spans, const int2* list, int count, act* y, float* logSums,
    int rows, int heads, int keyHeads, int headSize, float scale)
{
    extern __shared__ float memory[];
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, index = blockIdx.y * (blockDim.x / 32) + warp;
    if (index >= count)
        return;
    Head h(blockIdx.x, heads, keyHeads, headSize);
    span s = spans[list[index].x];
    int i = list[index].y, seen = seen_by(s, i), row = s.query + i;
    float *result = memory + warp * headSize, largest = -infinity, sum = 0;
    for (int d = lane; d < headSize; d += 32)
        result[d] = 0;
    for (int key = 0; key < seen; key += 32)
    {
        bool isSeen = key + lane < seen;
        float score = isSeen ? scale * dot(q + h.query(row), k + h.key(s.key + key + lane), headSize) : -infinity;
        float now = fmaxf(largest, warp_max(score)), shrink = expf(largest - now), p = expf(score - now);
        largest = now;
        sum = sum * shrink + warp_sum(p);
        for (int d = lane; d < headSize; d += 32)
            result[d] *= shrink;
        add_rows(result, p, v + h.key(s.key + key), min(32, seen - key), h.keyApart, headSize);
    }
    for (int d = lane; d < headSize; d += 32)
        set(y[h.query(row) + d], result[d] / sum);
    if (logSums && lane == 0)
        logSums[(index_t)h.head * rows + row] = largest + logf(sum);
}

// dq: as forward.
extern "C" __global__ void attention_backward_queries_plain(
    const act* q, const act* k, const act* v, const span* spans, const int2* list, int count, const float* logSums, const float* deltas,
    const act* dy, act* dq, int adds, int rows, int heads, int keyHeads, int headSize, float scale)
{
    extern __shared__ float memory[];
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, index = blockIdx.y * (blockDim.x / 32) + warp;
    if (index >= count)
        return;
    Head h(blockIdx.x, heads, keyHeads, headSize);
    span s = spans[list[index].x];
    int i = list[index].y, seen = seen_by(s, i), row = s.query + i;
    float *result = memory + warp * headSize, logSum = logSums[(index_t)h.head * rows + row], delta = deltas[(index_t)h.head * rows + row];
    for (int d = lane; d < headSize; d += 32)
        result[d] = 0;
    for (int key = 0; key < seen; key += 32)
    {
        float ds = 0;
        if (key + lane < seen)
        {
            index_t at = h.key(s.key + key + lane);
            float p = expf(scale * dot(q + h.query(row), k + at, headSize) - logSum);
            ds = scale * p * (dot(dy + h.query(row), v + at, headSize) - delta);
        }
        add_rows(result, ds, k + h.key(s.key + key), min(32, seen - key), h.keyApart, headSize);
    }
    for (int d = lane; d < headSize; d += 32)
        set(dq[h.query(row) + d], adds ? to_float(dq[h.query(row) + d]) + result[d] : result[d]);
}

// dk and dv: a warp for each key row and key head; tiles[y] = (first key row, keys, first span, spans), as in attention_tensor.cu.
extern "C" __global__ void attention_backward_keys_plain(
    const act* q, const act* k, const act* v, const span* spans, const int4* tiles, const float* logSums, const float* deltas,
    const act* dy, act* dk, int addsKeys, act* dv, int addsValues, int rows, int heads, int keyHeads, int headSize, float scale)
{
    extern __shared__ float memory[];
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    int4 at = tiles[blockIdx.y];
    float *dKey = memory + warp * 2 * headSize, *dValue = dKey + headSize;
    for (int row = at.x + warp; row < at.x + at.y; row += blockDim.x / 32)
    {
        for (int d = lane; d < headSize; d += 32)
            dKey[d] = dValue[d] = 0;        // each lane what it will add to: so lanes need not wait for each other
        for (int index = at.z; index < at.z + at.w; index++)
        {
            span s = spans[index];
            if (row < s.key || row >= s.key + s.keys)
                continue;
            for (int member = 0; member < heads / keyHeads; member++)
            {
                Head h(blockIdx.x * (heads / keyHeads) + member, heads, keyHeads, headSize);
                for (int query = first_that_sees(s, row - s.key); query < s.queries; query += 32)
                {
                    float p = 0, ds = 0;
                    if (query + lane < s.queries)
                    {
                        int from = s.query + query + lane;
                        index_t sums = (index_t)h.head * rows + from;
                        p = expf(scale * dot(q + h.query(from), k + h.key(row), headSize) - logSums[sums]);
                        ds = scale * p * (dot(dy + h.query(from), v + h.key(row), headSize) - deltas[sums]);
                    }
                    int count = min(32, s.queries - query);
                    add_rows(dKey, ds, q + h.query(s.query + query), count, h.apart, headSize);
                    add_rows(dValue, p, dy + h.query(s.query + query), count, h.apart, headSize);
                }
            }
        }
        index_t to = (index_t)row * keyHeads * headSize + blockIdx.x * headSize;
        for (int d = lane; d < headSize; d += 32)
        {
            if (dk)
                set(dk[to + d], addsKeys ? to_float(dk[to + d]) + dKey[d] : dKey[d]);
            if (dv)
                set(dv[to + d], addsValues ? to_float(dv[to + d]) + dValue[d] : dValue[d]);
        }
    }
}

// deltas[head, row] = Σ over the head of dy · y: `lanes` neighbouring threads for each, a power of two up to 32.
extern "C" __global__ void attention_deltas(const act* y, const act* dy, float* deltas, int rows, int heads, int headSize, int lanes)
{
    index_t i = ((index_t)blockIdx.x * blockDim.x + threadIdx.x) / lanes;
    int lane = threadIdx.x % lanes;
    bool isThere = i < (index_t)rows * heads;
    float sum = 0;
    if (headSize % 8 == 0)
        for (int d = lane * 8; isThere && d < headSize; d += lanes * 8)
        {
            floats<8> a = load<8>(y + i * headSize + d), b = load<8>(dy + i * headSize + d);
#pragma unroll
            for (int k = 0; k < 8; k++)
                sum += a.at[k] * b.at[k];
        }
    else
        for (int d = lane; isThere && d < headSize; d += lanes)
            sum += to_float(y[i * headSize + d]) * to_float(dy[i * headSize + d]);
    for (int apart = lanes / 2; apart > 0; apart /= 2)
        sum += __shfl_xor_sync(0xFFFFFFFFu, sum, apart);
    if (isThere && lane == 0)
        deltas[i % heads * rows + i / heads] = sum;
}
