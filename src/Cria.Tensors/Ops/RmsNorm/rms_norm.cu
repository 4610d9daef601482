// rms_norm.cu: y = x · r · w, r = 1 / √(mean(x²) + ε), forward and backward. The formulas stand in RmsNorm.cs.
// rms_norm, rms_norm_backward: one block per row.  rms_norm_backward_w: a block per 256 columns and some rows.
#include "common.cuh"

extern "C" __global__ void rms_norm(const act* x, const float* weight, float epsilon, act* y, float* r, int columns)
{
    const int n = width<act>::value;
    const act* row = x + (index_t)blockIdx.x * columns;
    act* result = y + (index_t)blockIdx.x * columns;

    float squares = 0;
    for_columns<n>(columns,
        [&](int i)
        {
            floats<n> v = load<n>(row + i);
#pragma unroll
            for (int k = 0; k < n; k++)
                squares += v.at[k] * v.at[k];
        },
        [&](int i) { squares += to_float(row[i]) * to_float(row[i]); });
    float inverse = 1 / sqrtf(block_sum(squares) / columns + epsilon);

    for_columns<n>(columns,
        [&](int i)
        {
            floats<n> v = load<n>(row + i), w = load<n>(weight + i);
#pragma unroll
            for (int k = 0; k < n; k++)
                v.at[k] *= inverse * w.at[k];
            store<n>(result + i, v);
        },
        [&](int i) { set(result[i], to_float(row[i]) * inverse * weight[i]); });
    if (threadIdx.x == 0)
        r[blockIdx.x] = inverse;
}

// y = a + b, then its norm: the sum is rounded to an activation before it is normalised, as it is where both are separate.
extern "C" __global__ void add_rms_norm(const act* a, const act* b, const float* weight, float epsilon, act* sum, act* y, float* r, int columns)
{
    const int n = width<act>::value;
    index_t start = (index_t)blockIdx.x * columns;
    float squares = 0;
    for_columns<n>(columns,
        [&](int i)
        {
            store<n>(sum + start + i, plus(load<n>(a + start + i), load<n>(b + start + i)));
            floats<n> v = load<n>(sum + start + i);
#pragma unroll
            for (int k = 0; k < n; k++)
                squares += v.at[k] * v.at[k];
        },
        [&](int i)
        {
            set(sum[start + i], to_float(a[start + i]) + to_float(b[start + i]));
            squares += to_float(sum[start + i]) * to_float(sum[start + i]);
        });
    float inverse = 1 / sqrtf(block_sum(squares) / columns + epsilon);

    for_columns<n>(columns,
        [&](int i)
        {
            floats<n> v = load<n>(sum + start + i), w = load<n>(weight + i);
#pragma unroll
            for (int k = 0; k < n; k++)
                v.at[k] *= inverse * w.at[k];
            store<n>(y + start + i, v);
        },
        [&](int i) { set(y[start + i], to_float(sum[start + i]) * inverse * weight[i]); });
    if (threadIdx.x == 0)
        r[blockIdx.x] = inverse;
}

// dx = r · dy·w − x · c,  c = r³ · mean(dy·w·x)
extern "C" __global__ void rms_norm_backward(
    const act* x, const float* weight, const float* r, const act* dy, act* dx, int adds, int columns)
{
    const int n = width<act>::value;
    index_t start = (index_t)blockIdx.x * columns;
    float product = 0;
    for_columns<n>(columns,
        [&](int i)
        {
            floats<n> v = load<n>(x + start + i), d = load<n>(dy + start + i), w = load<n>(weight + i);
#pragma unroll
            for (int k = 0; k < n; k++)
                product += d.at[k] * w.at[k] * v.at[k];
        },
        [&](int i) { product += to_float(dy[start + i]) * weight[i] * to_float(x[start + i]); });
    float inverse = r[blockIdx.x], c = inverse * inverse * inverse * block_sum(product) / columns;

    for_columns<n>(columns,
        [&](int i)
        {
            floats<n> v = load<n>(x + start + i), d = load<n>(dy + start + i), w = load<n>(weight + i);
#pragma unroll
            for (int k = 0; k < n; k++)
                d.at[k] = inverse * d.at[k] * w.at[k] - c * v.at[k];
            store<n>(dx + start + i, adds ? plus(load<n>(dx + start + i), d) : d);
        },
        [&](int i)
        {
            float d = inverse * to_float(dy[start + i]) * weight[i] - c * to_float(x[start + i]);
            set(dx[start + i], adds ? to_float(dx[start + i]) + d : d);
        });
}

// A part of dw = Σ over rows of dy · x · r: parts[p, column] over the rows of part p. sum_parts adds the parts up, in order.
extern "C" __global__ void rms_norm_backward_w(const act* x, const float* r, const act* dy, float* parts, int rows, int columns, int rowsOfPart)
{
    int column = blockIdx.x * blockDim.x + threadIdx.x, first = blockIdx.y * rowsOfPart, end = min(rows, first + rowsOfPart);
    if (column >= columns)
        return;
    float sum = 0;
    for (int row = first; row < end; row++)
        sum += to_float(dy[(index_t)row * columns + column]) * to_float(x[(index_t)row * columns + column]) * r[row];
    parts[(index_t)blockIdx.y * columns + column] = sum;
}
