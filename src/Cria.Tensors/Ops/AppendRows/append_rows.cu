// append_rows.cu: new rows of a cache to behind those that are there. Where that is stands in the spans, which the card holds: so work that was
// recorded once serves every length.
#include "attention.cuh"

// The row of a cache that query i of a span belongs to.
__device__ inline index_t row_of(const span& s, int i) { return s.key + s.keys - s.queries + i; }

// A block for each entry (span, query) of the list.
extern "C" __global__ void append_rows(const act* from, const span* spans, const int2* list, act* to, int columns)
{
    next_may_start();
    int2 at = list[blockIdx.x];
    span s = spans[at.x];
    wait_for_those_before();
    index_t source = (index_t)(s.query + at.y) * columns, target = row_of(s, at.y) * columns;
    for (int i = threadIdx.x; i < columns; i += blockDim.x)
        to[target + i] = from[source + i];
}

// A pair of a head as rotary.cu turns it; its place in the cache too, where there is one.
__device__ inline void turn_pair(const act* x, const float* angle, act* y, act* cache, int half)
{
    float first = to_float(x[0]), second = to_float(x[half]), cos = angle[0], sin = angle[half];
    act low, high;
    set(low, first * cos - second * sin);
    set(high, second * cos + first * sin);
    y[0] = low;
    y[half] = high;
    if (cache)
    {
        cache[0] = low;
        cache[half] = high;
    }
}

// q and k turned by the angles of their rows, and the turned keys and the values appended: what stands between the projections and attention.
// Grid: x the heads of q, then of k, then of v; y an entry of the list. A thread for each pair.
extern "C" __global__ void rotate_append(
    const act* q, act* turnedQ, const act* k, act* turnedK, const act* v, act* keys, act* values, const float* angles,
    const span* spans, const int2* list, int heads, int keyHeads, int half)
{
    next_may_start();
    int2 at = list[blockIdx.y];
    span s = spans[at.x];
    wait_for_those_before();
    index_t row = s.query + at.y, cached = row_of(s, at.y) * keyHeads * 2 * half;
    const float* angle = angles + row * 2 * half + threadIdx.x;
    int head = blockIdx.x, size = 2 * half, pair = threadIdx.x;
    if (head < heads)
    {
        index_t place = (row * heads + head) * size + pair;
        turn_pair(q + place, angle, turnedQ + place, nullptr, half);
        return;
    }
    head -= heads;
    bool isKey = head < keyHeads;
    head -= isKey ? 0 : keyHeads;
    index_t place = (row * keyHeads + head) * size + pair, target = cached + head * size + pair;
    if (isKey)
        turn_pair(k + place, angle, turnedK + place, keys + target, half);
    else
    {
        values[target] = v[place];
        values[target + half] = v[place + half];
    }
}
