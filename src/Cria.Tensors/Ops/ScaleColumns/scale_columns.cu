// scale_columns.cu: y[n, c] = s[⌊c / w⌋] · x[n, c], forward and backward. The formulas stand in ScaleColumns.cs.
// scale_columns: one block per row, also for dx = s · dy.  scale_columns_backward: a block per 256 columns and some rows.
#include "common.cuh"

extern "C" __global__ void scale_columns(const act* x, const float* factors, act* y, int adds, int columns, int width)
{
    index_t start = (index_t)blockIdx.x * columns;
    for (int i = threadIdx.x; i < columns; i += blockDim.x)
    {
        float scaled = to_float(x[start + i]) * factors[i / width];
        set(y[start + i], adds ? to_float(y[start + i]) + scaled : scaled);
    }
}

// parts[p, column] = Σ over the rows of part p of dy · x; the columns of a factor are added up with the parts.
extern "C" __global__ void scale_columns_backward(const act* x, const act* dy, float* parts, int rows, int columns, int rowsOfPart)
{
    int column = blockIdx.x * blockDim.x + threadIdx.x, first = blockIdx.y * rowsOfPart, end = min(rows, first + rowsOfPart);
    if (column >= columns)
        return;
    float sum = 0;
    for (int row = first; row < end; row++)
        sum += to_float(dy[(index_t)row * columns + column]) * to_float(x[(index_t)row * columns + column]);
    parts[(index_t)blockIdx.y * columns + column] = sum;
}
