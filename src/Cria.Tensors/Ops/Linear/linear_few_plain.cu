// linear_few_plain.cu: y = x Wᵀ for 1 to 8 rows of x, of either kind of activation and of any length: a warp for each output.
// linear_few.cu is the fast one.
#include "blocks.cuh"

const int warps = 8;

template <typename Codec>
__device__ inline void linear_few_plain(const byte* weight, index_t blocks, const act* x, act* y, int adds, int rows, int columns, int outputs)
{
    Codec::prepare();
    int output = blockIdx.x * warps + threadIdx.x / 32, lane = threadIdx.x % 32;
    if (output >= outputs)
        return;
    index_t start = (index_t)output * columns;
    float sum[8] = {};
    int whole = columns % 8 == 0 ? columns : 0;
    for (int i = lane * 8; i < whole; i += 32 * 8)
    {
        floats<8> w = Codec::read(weight, blocks, start + i);
#pragma unroll
        for (int n = 0; n < 8; n++)
        {
            if (n >= rows)
                continue;
            floats<8> v = load<8>(x + (index_t)n * columns + i);
#pragma unroll
            for (int k = 0; k < 8; k++)
                sum[n] += w.at[k] * v.at[k];
        }
    }
    for (int i = whole + lane; i < columns; i += 32)
    {
        float w = Codec::number(weight, blocks, start + i);
#pragma unroll
        for (int n = 0; n < 8; n++)
            if (n < rows)
                sum[n] += w * to_float(x[(index_t)n * columns + i]);
    }
#pragma unroll
    for (int n = 0; n < 8; n++)
    {
        float total = warp_sum(sum[n]);
        act* to = y + (index_t)n * outputs + output;
        if (n < rows && lane == 0)
            set(*to, adds ? to_float(*to) + total : total);
    }
}

#define LINEAR_FEW_PLAIN(name, codec) \
    extern "C" __global__ void __launch_bounds__(warps * 32) linear_few_plain_##name( \
        const byte* weight, index_t blocks, const act* x, act* y, int adds, int rows, int columns, int outputs) \
    { linear_few_plain<codec>(weight, blocks, x, y, adds, rows, columns, outputs); }
FOR_EACH_TYPE(LINEAR_FEW_PLAIN)
