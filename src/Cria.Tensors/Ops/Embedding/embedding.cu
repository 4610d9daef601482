// embedding.cu: y[n] = table[ids[n]] for a table of any storage type, and its gradient. A block per row and 1,024 columns.
#include "blocks.cuh"

template <typename Codec, typename To>
__device__ inline void look_up(const byte* table, index_t blocks, const int* ids, To* y, int columns)
{
    Codec::prepare();
    int column = (blockIdx.y * blockDim.x + threadIdx.x) * 8;
    index_t from = (index_t)ids[blockIdx.x] * columns + column, to = (index_t)blockIdx.x * columns + column;
    if (columns % 8 == 0 && column < columns)
        store<8>(y + to, Codec::read(table, blocks, from));
    else
        for (int i = 0; i < 8 && column + i < columns; i++)
            set(y[to + i], Codec::number(table, blocks, from + i));
}

#define LOOK_UP(name, codec) \
    extern "C" __global__ void embedding_##name(const byte* table, index_t blocks, const int* ids, act* y, int columns) \
    { look_up<codec>(table, blocks, ids, y, columns); }
FOR_EACH_TYPE(LOOK_UP)

// dTable[id] += Σ dy[n] over the n that looked id up, in their order: order[starts[u]] … are those of the u-th different id.
template <typename To>
__device__ inline void add_up(const act* dy, const int* different, const int* starts, const int* order, To* dTable, int columns)
{
    int u = blockIdx.x;
    if (starts[u] == starts[u + 1])     // a list that was filled up
        return;
    for (int column = blockIdx.y * 1024 + threadIdx.x; column < min(columns, (int)(blockIdx.y + 1) * 1024); column += blockDim.x)
    {
        To* sum = dTable + (index_t)different[u] * columns + column;
        float total = to_float(*sum);
        for (int k = starts[u]; k < starts[u + 1]; k++)
            total += to_float(dy[(index_t)order[k] * columns + column]);
        set(*sum, total);
    }
}

extern "C" __global__ void embedding_backward(
    const act* dy, const int* different, const int* starts, const int* order, act* dTable, int columns)
{
    add_up(dy, different, starts, order, dTable, columns);
}

extern "C" __global__ void embedding_backward_to_floats(
    const act* dy, const int* different, const int* starts, const int* order, float* dTable, int columns)
{
    add_up(dy, different, starts, order, dTable, columns);
}
