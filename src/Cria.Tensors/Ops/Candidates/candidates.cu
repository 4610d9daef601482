// candidates.cu: the largest numbers of each row in falling order, the lower place first where equal, and the sums of all exponentials.
// A block of 1,024 threads for each row. Where the last candidate lies is found digit by digit: how many numbers have each value of a digit, from the
// highest digit on; then among equals the same by place. So the result does not depend on the order in which threads come.
#include "common.cuh"

const int most_candidates = 1024, digit_bits = 11, digits = 1 << digit_bits;

// A number as one that compares as an integer; what is no number is the smallest, and both zeros are one.
__device__ inline uint key_of(float x)
{
    if (x != x)
        return 0;
    uint bits = __float_as_uint(x == 0 ? 0.0f : x);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

// Scores of the places in ids[starts[row]] … are made less likely.
extern "C" __global__ void penalize(float* scores, const int* starts, const int* ids, float penalty, int columns)
{
    for (int i = starts[blockIdx.x] + threadIdx.x; i < starts[blockIdx.x + 1]; i += blockDim.x)
    {
        float& score = scores[(index_t)blockIdx.x * columns + ids[i]];
        score = score > 0 ? __fdiv_rn(score, penalty) : __fmul_rn(score, penalty);
    }
}

struct search { uint digit; int before; };      // the digit in which the wanted one lies, and how many come before that digit

// The counts of all digits are in `counts`: finds in which one the wanted-th lies (from 0), from the highest digit down or from 0 up.
__device__ inline search find(const int* counts, int wanted, bool down)
{
    __shared__ search found;
    __shared__ int warps[warp_size];
    const int each = digits / 1024;
    int first = threadIdx.x * each, own = 0, lane = threadIdx.x % warp_size;
    for (int i = 0; i < each; i++)
        own += counts[down ? digits - 1 - first - i : first + i];
    int sum = own;
    for (int apart = 1; apart < warp_size; apart *= 2)
    {
        int other = __shfl_up_sync(0xFFFFFFFFu, sum, apart);
        sum += lane >= apart ? other : 0;
    }
    if (lane == warp_size - 1)
        warps[threadIdx.x / warp_size] = sum;
    __syncthreads();
    int before = sum - own;
    for (int warp = 0; warp < threadIdx.x / warp_size; warp++)
        before += warps[warp];
    for (int i = 0; i < each; i++)
    {
        uint digit = down ? digits - 1 - first - i : first + i;
        if (wanted >= before && wanted < before + counts[digit])
            found = { digit, before };
        before += counts[digit];
    }
    __syncthreads();
    return found;
}

template <typename Digit>
__device__ inline void count_digits(int* counts, int columns, Digit digit)
{
    for (int i = threadIdx.x; i < digits; i += blockDim.x)
        counts[i] = 0;
    __syncthreads();
    for (int i = threadIdx.x; i < columns; i += blockDim.x)
    {
        int d = digit(i);
        if (d >= 0)
            atomicAdd(counts + d, 1);
    }
    __syncthreads();
}

// The last candidate: its key, and the last place that is taken of those with that key.
struct bound { uint key; int place; };

__device__ inline bound last_of(const float* row, int count, int columns, int* counts)
{
    uint key = 0, known = 0;
    int wanted = count - 1;
    for (int shift = 32 - digit_bits; ; shift = max(0, shift - digit_bits))
    {
        count_digits(counts, columns, [&](int i)
        {
            uint k = key_of(row[i]);
            return (k & known) == key ? (int)((k >> shift) & (digits - 1)) : -1;
        });
        search s = find(counts, wanted, true);
        wanted -= s.before;
        key |= s.digit << shift;
        known |= (uint)(digits - 1) << shift;
        if (shift == 0)                 // of the last digit the highest bit was known already
            break;
    }

    // Among equals the wanted-th by place: first by the upper digit of the place, then by the lower.
    count_digits(counts, columns, [&](int i) { return key_of(row[i]) == key ? i >> digit_bits : -1; });
    search upper = find(counts, wanted, false);
    wanted -= upper.before;
    count_digits(counts, columns, [&](int i) { return key_of(row[i]) == key && i >> digit_bits == upper.digit ? i & (digits - 1) : -1; });
    search lower = find(counts, wanted, false);
    return { key, (int)(upper.digit << digit_bits | lower.digit) };
}

// Falling; as many as a block has threads.
__device__ inline void sort(ulong* numbers)
{
    for (int size = 2; size <= most_candidates; size *= 2)
        for (int apart = size / 2; apart > 0; apart /= 2)
        {
            __syncthreads();
            int other = threadIdx.x ^ apart;
            if (other > threadIdx.x)
            {
                ulong a = numbers[threadIdx.x], b = numbers[other];
                bool falls = (threadIdx.x & size) == 0;
                if (falls ? a < b : a > b)
                {
                    numbers[threadIdx.x] = b;
                    numbers[other] = a;
                }
            }
        }
    __syncthreads();
}

__device__ inline double block_sum_double(double x)
{
    __shared__ double parts[warp_size];
    for (int apart = warp_size / 2; apart > 0; apart /= 2)
        x += __shfl_xor_sync(0xFFFFFFFFu, x, apart);
    __syncthreads();
    if (threadIdx.x % warp_size == 0)
        parts[threadIdx.x / warp_size] = x;
    __syncthreads();
    double sum = 0;
    for (int warp = 0; warp < blockDim.x / warp_size; warp++)
        sum += parts[warp];
    return sum;
}

// to: for each row, `each` bytes: Σ exp(x − largest), Σ exp((x − largest) / temperature), `count` numbers, their places.
extern "C" __global__ void largest_of_rows(const float* x, int count, float temperature, byte* to, int each, int columns)
{
    __shared__ int counts[digits];
    __shared__ ulong found[most_candidates];
    __shared__ int next;
    const float* row = x + (index_t)blockIdx.x * columns;
    to += (index_t)blockIdx.x * each;
    double* sums = (double*)to;
    float* scores = (float*)(to + 2 * sizeof(double));
    int* places = (int*)(scores + count);

    bound last = last_of(row, count, columns, counts);
    found[threadIdx.x] = 0;
    if (threadIdx.x == 0)
        next = 0;
    __syncthreads();
    bool isNone = false;
    for (int i = threadIdx.x; i < columns; i += blockDim.x)
    {
        uint key = key_of(row[i]);
        isNone |= key == 0;
        if (key > last.key || (key == last.key && i <= last.place))
            found[atomicAdd(&next, 1)] = (ulong)key << 32 | (0xFFFFFFFFu - (uint)i);
    }
    bool hasNone = __syncthreads_or(isNone);
    sort(found);
    if (threadIdx.x < count)
    {
        int place = (int)(0xFFFFFFFFu - (uint)found[threadIdx.x]);
        places[threadIdx.x] = place;
        scores[threadIdx.x] = row[place];
    }

    double sum = 0, tempered = 0;
    float highest = row[0xFFFFFFFFu - (uint)found[0]];
    if (temperature != 0)
        for (int i = threadIdx.x; i < columns; i += blockDim.x)
        {
            float below = row[i] - highest;
            sum += exp((double)below);
            tempered += (double)expf(__fdiv_rn(below, temperature));
        }
    sum = block_sum_double(sum);
    tempered = block_sum_double(tempered);
    if (threadIdx.x == 0)
    {
        double none = __longlong_as_double(0x7FF8000000000000ll);
        sums[0] = hasNone ? none : sum;
        sums[1] = hasNone ? none : tempered;
    }
}
