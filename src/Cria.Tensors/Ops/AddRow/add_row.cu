// add_row.cu: y[n] = x[n] + b, and the parts of db = Σ dy[n]. One block per row; backward a block per 256 columns and some rows.
#include "common.cuh"

extern "C" __global__ void add_row(const act* x, const float* row, act* y, int columns)
{
    const int n = width<act>::value;
    index_t start = (index_t)blockIdx.x * columns;
    for_columns<n>(columns,
        [&](int i) { store<n>(y + start + i, plus(load<n>(x + start + i), load<n>(row + i))); },
        [&](int i) { set(y[start + i], to_float(x[start + i]) + row[i]); });
}

// parts[p, column] = Σ over the rows of part p of dy
extern "C" __global__ void add_row_backward(const act* dy, float* parts, int rows, int columns, int rowsOfPart)
{
    int column = blockIdx.x * blockDim.x + threadIdx.x, first = blockIdx.y * rowsOfPart, end = min(rows, first + rowsOfPart);
    if (column >= columns)
        return;
    float sum = 0;
    for (int row = first; row < end; row++)
        sum += to_float(dy[(index_t)row * columns + column]);
    parts[(index_t)blockIdx.y * columns + column] = sum;
}
