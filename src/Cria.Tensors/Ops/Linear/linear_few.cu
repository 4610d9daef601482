// linear_few.cu: y = x Wᵀ for 1 to 32 rows of x, as in decoding: at the speed at which W is read, straight from its blocks.
//
// linear_few_<type> take bfloat16 activations, and rows of W of whole steps. A block computes 16 outputs at a time: its warps take turns along the rows of W, and their sums
// are added up at the end. The tensor cores multiply 16 rows of W, whose codes are whole numbers, small floats or entries of a book, all of which bfloat16 holds,
// by 8 rows of x as 8 columns, TILES times, for which the codes are unpacked once; the sum of a block is then scaled in float. In a product any order of the
// summed numbers does, so each lane takes those that lie together in memory: lane 4g + t has rows g and g + 8 and the t-th quarter of their numbers.
//
// A launch may do what stands before and behind the products as well: the norm of x, up to three products over it, the gate of two of them, a
// residual. Decoding is little else, and each of these alone would cost a launch for a few thousand numbers. Numbers are rounded where they
// would be if each were a launch of its own, and all of them are stored.
#include "blocks.cuh"

// c (16 × 8) = a (16 × 16) b (16 × 8), and the same added to c: pairs of row g, of row g + 8, and again of both, 8 numbers on.
__device__ inline void multiply(float (&c)[4], uint a0, uint a1, uint a2, uint a3, uint b0, uint b1)
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %10, %10, %10};"
        : "=f"(c[0]), "=f"(c[1]), "=f"(c[2]), "=f"(c[3]) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1), "f"(0.0f));
}

__device__ inline void multiply_add(float (&c)[4], uint a0, uint a1, uint a2, uint a3, uint b0, uint b1)
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

// The products of 16 numbers of each row: two pairs of row g, two of row g + 8.
__device__ inline void multiply(float (&c)[4], const uint* first, const uint* second, uint b0, uint b1)
{
    multiply(c, first[0], second[0], first[1], second[1], b0, b1);
}

__device__ inline void multiply_add(float (&c)[4], const uint* first, const uint* second, uint b0, uint b1)
{
    multiply_add(c, first[0], second[0], first[1], second[1], b0, b1);
}

// One number everywhere on the left side, in pairs of bfloat16: number · Σ x.
struct Everywhere { uint pairs[4]; };

__device__ inline void multiply(float (&c)[4], const Everywhere& a, uint b0, uint b1) { multiply(c, a.pairs[0], a.pairs[1], a.pairs[2], a.pairs[3], b0, b1); }
__device__ inline void multiply_add(float (&c)[4], const Everywhere& a, uint b0, uint b1) { multiply_add(c, a.pairs[0], a.pairs[1], a.pairs[2], a.pairs[3], b0, b1); }

__device__ inline void add_scaled(float (&sum)[4], const float (&c)[4], float first, float second)
{
    sum[0] += c[0] * first;
    sum[1] += c[1] * first;
    sum[2] += c[2] * second;
    sum[3] += c[3] * second;
}

// The sums of 16 outputs, for each 8 rows of x.
const int tiles = TILES;
typedef float Sums[tiles][4];

// Where a lane's numbers of x begin: one row of each 8.
struct Right
{
    const bf16* at[tiles];

    __device__ Right operator+(uint numbers) const
    {
        Right moved;
#pragma unroll
        for (int n = 0; n < tiles; n++)
            moved.at[n] = at[n] + numbers;
        return moved;
    }
};

// Four bytes below 128 as 128 + byte, in two pairs of bfloat16: 0x43 is what the upper half of 128.0 … 255.0 starts with.
__device__ inline void plus_128(uint bytes, uint* pairs)
{
    pairs[0] = __byte_perm(bytes, 0x43434343u, 0x4140);
    pairs[1] = __byte_perm(bytes, 0x43434343u, 0x4342);
}

// Where a lane stands: the first numbers of its rows g and g + 8, each in its W. Rows are whole steps, so an address is that of the row and so
// much for i.
struct Place
{
    ulong first, second;
    uint t;
};

__device__ inline uint4 x_16(const bf16* x) { return *(const uint4*)x; }
__device__ inline uint2 x_8(const bf16* x) { return *(const uint2*)x; }

// Of a type that scales nothing by whole rows.
struct WithoutRowScales
{
    template <typename Group>
    __device__ static float row_scale(const Group&, int) { return 1; }
};

// Of a type whose codes are numbers themselves.
struct WithoutBook : WithoutRowScales
{
    static const bool hasBook = false;
    static const int sumsAt = 0;
    __device__ static int book_bytes(int) { return 0; }
    template <typename Group>
    __device__ static void prepare(const Group&, int) {}
};

// Each type: step, the numbers of a row that are taken at once, of which a lane's begin at quarter · t; depth, how many steps are under way;
// Raw, what a lane reads of one; load, from the W of row g (low) and that of row g + 8 (high); add, which adds their products with x. middle stands in
// Everywhere. together: the warps that a multiprocessor holds while blocks take several groups of outputs; 0 where each takes one. prepare fills so
// many bytes of shared memory, book_bytes. sumsAt: where the sums of the warps lie there. row_scale: what scales the whole sum of one of a group's 16 rows.
struct FewBF16 : WithoutBook
{
    static const int step = 32, quarter = 8, depth = 6;
    static const int together = 0;
    static const uint middle = 0;
    struct Raw { uint4 first, second; };

    __device__ static Raw load(const byte* low, const byte* high, index_t, const Place& at, uint i)
    {
        return { *(const uint4*)((const bf16*)low + at.t * 8 + at.first + i), *(const uint4*)((const bf16*)high + at.t * 8 + at.second + i) };
    }

    __device__ static void add(Sums& sum, const Raw& raw, const Right& x, const Everywhere& middle, uint)
    {
#pragma unroll
        for (int n = 0; n < tiles; n++)
        {
            uint4 b = x_16(x.at[n]);
            multiply_add(sum[n], raw.first.x, raw.second.x, raw.first.y, raw.second.y, b.x, b.y);
            multiply_add(sum[n], raw.first.z, raw.second.z, raw.first.w, raw.second.w, b.z, b.w);
        }
    }
};

// Rows of whole pairs of blocks: the first 8 bytes of 16 are the t-th quarter of the first block.
struct FewQ8 : WithoutBook
{
    static const int step = 64, quarter = 8, depth = 3;
    static const int together = 20;
    static const uint middle = 0;
    struct Raw { uint4 first, second; uint d, e; };

    __device__ static Raw load(const byte* low, const byte* high, index_t blocks, const Place& at, uint i)
    {
        return {
            *(const uint4*)(low + at.t * 16 + at.first + i), *(const uint4*)(high + at.t * 16 + at.second + i),
            *(const uint*)(low + blocks * 32 + at.first / 16 + i / 16), *(const uint*)(high + blocks * 32 + at.second / 16 + i / 16) };
    }

    // Four signed bytes as bfloat16. Not by the instruction that converts: it has an eighth of the speed. 0x4B0000uu is 2²³ + uu as a float.
    __device__ static void pairs(uint bytes, uint* to)
    {
        const float bias = 8388608.0f + 128;
        uint q = bytes ^ 0x80808080u, base = 0x4B000000u;
        to[0] = pack_bf16(__uint_as_float(__byte_perm(q, base, 0x7540)) - bias, __uint_as_float(__byte_perm(q, base, 0x7541)) - bias);
        to[1] = pack_bf16(__uint_as_float(__byte_perm(q, base, 0x7542)) - bias, __uint_as_float(__byte_perm(q, base, 0x7543)) - bias);
    }

    __device__ static void add_block(Sums& sum, uint2 first, uint2 second, ushort d, ushort e, const Right& x)
    {
        uint a[4], b[4];
        pairs(first.x, a);
        pairs(first.y, a + 2);
        pairs(second.x, b);
        pairs(second.y, b + 2);
#pragma unroll
        for (int n = 0; n < tiles; n++)
        {
            uint4 right = x_16(x.at[n]);
            float c[4];
            multiply(c, a, b, right.x, right.y);
            multiply_add(c, a + 2, b + 2, right.z, right.w);
            add_scaled(sum[n], c, to_float(f16{ d }), to_float(f16{ e }));
        }
    }

    __device__ static void add(Sums& sum, const Raw& raw, const Right& x, const Everywhere& middle, uint)
    {
        add_block(sum, { raw.first.x, raw.first.y }, { raw.second.x, raw.second.y }, (ushort)raw.d, (ushort)raw.e, x);
        add_block(sum, { raw.first.z, raw.first.w }, { raw.second.z, raw.second.w }, (ushort)(raw.d >> 16), (ushort)(raw.e >> 16), x + 32);
    }
};

// Each row has one scale, behind the codes and the same codes turned; the sums run over the codes alone.
struct FewFP8 : WithoutBook
{
    static const int step = 64, quarter = 16, depth = 4;
    static const int together = 20;
    static const uint middle = 0;
    struct Raw { uint4 first, second; };

    __device__ static Raw load(const byte* low, const byte* high, index_t, const Place& at, uint i)
    {
        return { *(const uint4*)(low + at.t * 16 + at.first + i), *(const uint4*)(high + at.t * 16 + at.second + i) };
    }

    template <typename Group>
    __device__ static float row_scale(const Group& group, int row)
    {
        return ((const float*)(group.weight(row) + group.blocks * 32))[group.row(row)];
    }

    // Four of e4m3 as bfloat16, exactly, on every card: with the bits of exponent and fraction where bfloat16 has its lowest ones, a number is itself times
    // 2⁻¹²⁰, subnormal ones too. (Not so 0x7F, which is no number: it becomes 480.)
    __device__ static void pairs(uint bytes, uint* to)
    {
        uint low, high;
        asm("prmt.b32 %0, %1, 0, 0x9180;" : "=r"(low) : "r"(bytes));      // each byte, and above it its sign eight times
        asm("prmt.b32 %0, %1, 0, 0xB3A2;" : "=r"(high) : "r"(bytes));
        asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(to[0]) : "r"(low << 4 & 0x87F087F0u), "r"(0x7B807B80u), "r"(0x80008000u));
        asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(to[1]) : "r"(high << 4 & 0x87F087F0u), "r"(0x7B807B80u), "r"(0x80008000u));
    }

    __device__ static void add(Sums& sum, const Raw& raw, const Right& x, const Everywhere& middle, uint)
    {
        uint a[8], b[8];
        pairs(raw.first.x, a);
        pairs(raw.first.y, a + 2);
        pairs(raw.first.z, a + 4);
        pairs(raw.first.w, a + 6);
        pairs(raw.second.x, b);
        pairs(raw.second.y, b + 2);
        pairs(raw.second.z, b + 4);
        pairs(raw.second.w, b + 6);
#pragma unroll
        for (int n = 0; n < tiles; n++)
        {
            uint4 low = x_16(x.at[n]), high = x_16(x.at[n] + 8);
            multiply_add(sum[n], a, b, low.x, low.y);
            multiply_add(sum[n], a + 2, b + 2, low.z, low.w);
            multiply_add(sum[n], a + 4, b + 4, high.x, high.y);
            multiply_add(sum[n], a + 6, b + 6, high.z, high.w);
        }
    }
};

// Rows of whole groups of four blocks: word j of 16 bytes is the t-th word of block j.
struct FewQ4 : WithoutBook
{
    static const int step = 128, quarter = 4, depth = 2;
    static const int together = 20;
    static const uint middle = 0xC308C308u;     // −136
    struct Raw { uint4 first, second; uint2 d, e; };

    __device__ static Raw load(const byte* low, const byte* high, index_t blocks, const Place& at, uint i)
    {
        return {
            *(const uint4*)(low + at.t * 16 + at.first / 2 + i / 2), *(const uint4*)(high + at.t * 16 + at.second / 2 + i / 2),
            *(const uint2*)(low + blocks * 16 + at.first / 16 + i / 16), *(const uint2*)(high + blocks * 16 + at.second / 16 + i / 16) };
    }

    __device__ static void add_block(Sums& sum, uint first, uint second, ushort d, ushort e, const Right& x, const Everywhere& middle)
    {
        uint a[4], b[4];
        plus_128(first & 0x0F0F0F0Fu, a);
        plus_128(first >> 4 & 0x0F0F0F0Fu, a + 2);
        plus_128(second & 0x0F0F0F0Fu, b);
        plus_128(second >> 4 & 0x0F0F0F0Fu, b + 2);
#pragma unroll
        for (int n = 0; n < tiles; n++)
        {
            uint2 low = x_8(x.at[n]), high = x_8(x.at[n] + 16);
            float c[4];
            multiply(c, middle, low.x, low.y);
            multiply_add(c, middle, high.x, high.y);
            multiply_add(c, a, b, low.x, low.y);
            multiply_add(c, a + 2, b + 2, high.x, high.y);
            add_scaled(sum[n], c, to_float(f16{ d }), to_float(f16{ e }));
        }
    }

    __device__ static void add(Sums& sum, const Raw& raw, const Right& x, const Everywhere& middle, uint)
    {
        add_block(sum, raw.first.x, raw.second.x, (ushort)raw.d.x, (ushort)raw.e.x, x, middle);
        add_block(sum, raw.first.y, raw.second.y, (ushort)(raw.d.x >> 16), (ushort)(raw.e.x >> 16), x + 32, middle);
        add_block(sum, raw.first.z, raw.second.z, (ushort)raw.d.y, (ushort)raw.e.y, x + 64, middle);
        add_block(sum, raw.first.w, raw.second.w, (ushort)(raw.d.y >> 16), (ushort)(raw.e.y >> 16), x + 96, middle);
    }
};

struct FewQ4K : WithoutBook
{
    static const int step = 256, quarter = 8, depth = 1;
    static const int together = 20;
    static const uint middle = 0x3F803F80u;     // 1
    struct Raw { uint4 firstHead, secondHead; uint2 first[4], second[4]; };

    __device__ static Raw load(const byte* low, const byte* high, index_t, const Place& at, uint i)
    {
        const byte *first = low + at.first / 256 * 144 + i / 256 * 144, *second = high + at.second / 256 * 144 + i / 256 * 144;
        Raw raw = { *(const uint4*)first, *(const uint4*)second };
#pragma unroll
        for (int c = 0; c < 4; c++)
        {
            raw.first[c] = *(const uint2*)(first + 16 + c * 32 + at.t * 8);
            raw.second[c] = *(const uint2*)(second + 16 + c * 32 + at.t * 8);
        }
        return raw;
    }

    // d·s and e·m + 128 d·s of part j; the words of head are d and e, then the 12 bytes of s and m.
    __device__ static float2 scales(const uint4& head, int j)
    {
        uint word = j % 4 * 8, s, m;
        if (j < 4)
        {
            s = head.y >> word & 63;
            m = head.z >> word & 63;
        }
        else
        {
            s = (head.w >> word & 15) | (head.y >> (word + 6) & 3) << 4;
            m = (head.w >> (word + 4) & 15) | (head.z >> (word + 6) & 3) << 4;
        }
        float scale = to_float(f16{ (ushort)head.x }) * s;
        return { scale, to_float(f16{ (ushort)(head.x >> 16) }) * m + 128 * scale };
    }

    __device__ static void add_part(Sums& sum, uint2 first, uint2 second, float2 d, float2 e, const Right& x, const Everywhere& one)
    {
        uint a[4], b[4];
        plus_128(first.x, a);
        plus_128(first.y, a + 2);
        plus_128(second.x, b);
        plus_128(second.y, b + 2);
#pragma unroll
        for (int n = 0; n < tiles; n++)
        {
            uint4 right = x_16(x.at[n]);
            float c[4], total[4];
            multiply(c, a, b, right.x, right.y);
            multiply_add(c, a + 2, b + 2, right.z, right.w);
            multiply(total, one, right.x, right.y);
            multiply_add(total, one, right.z, right.w);
            add_scaled(sum[n], c, d.x, e.x);
            add_scaled(sum[n], total, -d.y, -e.y);
        }
    }

    __device__ static void add(Sums& sum, const Raw& raw, const Right& x, const Everywhere& middle, uint)
    {
        const uint four = 0x0F0F0F0Fu;
#pragma unroll
        for (int c = 0; c < 4; c++)
        {
            uint2 first = raw.first[c], second = raw.second[c];
            add_part(sum, { first.x & four, first.y & four }, { second.x & four, second.y & four },
                scales(raw.firstHead, 2 * c), scales(raw.secondHead, 2 * c), x + c * 64, middle);
            add_part(sum, { first.x >> 4 & four, first.y >> 4 & four }, { second.x >> 4 & four, second.y >> 4 & four },
                scales(raw.firstHead, 2 * c + 1), scales(raw.secondHead, 2 * c + 1), x + (c * 64 + 32), middle);
        }
    }
};

// Half a block at a time: its low bits in words of the lane's quarter of each 16 numbers, its high bits likewise.
struct FewQ6K : WithoutBook
{
    static const int step = 128, quarter = 4, depth = 2;
    static const int together = 20;
    static const uint middle = 0xC320C320u;     // −160
    struct Row { uint4 low; uint2 high, scales; ushort d; };
    struct Raw { Row first, second; };

    __device__ static Row load_row(const byte* weight, index_t blocks, ulong row, uint i, uint t)
    {
        return {
            *(const uint4*)(weight + t * 16 + row / 2 + i / 2), *(const uint2*)(weight + blocks * 128 + t * 8 + row / 4 + i / 4),
            *(const uint2*)(weight + blocks * 192 + row / 16 + i / 16), *(const ushort*)(weight + blocks * 208 + (row + i) / 256 * 2) };
    }

    __device__ static Raw load(const byte* low, const byte* high, index_t blocks, const Place& at, uint i)
    {
        return { load_row(low, blocks, at.first, i, at.t), load_row(high, blocks, at.second, i, at.t) };
    }

    // 128 + q of four numbers of part p of eight.
    __device__ static void pairs(const Row& row, int p, uint* to)
    {
        uint low = p % 4 == 0 ? row.low.x : p % 4 == 1 ? row.low.y : p % 4 == 2 ? row.low.z : row.low.w;
        uint high = (p % 2 == 0 ? row.high.x : row.high.y) >> (p / 2 * 2);
        plus_128((low >> (p / 4 * 4) & 0x0F0F0F0Fu) | (high << 4 & 0x30303030u), to);
    }

    __device__ static float scale(const Row& row, int p)
    {
        return to_float(f16{ row.d }) * (signed char)((p < 4 ? row.scales.x : row.scales.y) >> p % 4 * 8);
    }

    __device__ static void add(Sums& sum, const Raw& raw, const Right& x, const Everywhere& middle, uint)
    {
#pragma unroll
        for (int p = 0; p < 8; p++)
        {
            uint a[2], b[2];
            pairs(raw.first, p, a);
            pairs(raw.second, p, b);
            float d = scale(raw.first, p), e = scale(raw.second, p);
#pragma unroll
            for (int n = 0; n < tiles; n++)
            {
                uint2 right = x_8(x.at[n] + p * 16);
                float c[4];
                multiply(c, middle, right.x, right.y);
                multiply_add(c, a, b, right.x, right.y);
                add_scaled(sum[n], c, d, e);
            }
        }
    }
};

// Shared memory: a book where the type has one, the sums of the warps, then x. Where a block takes one group of outputs, the sums come last of all
// and lie where the others did: what shared memory leaves holds the loads that are under way.
extern __shared__ __align__(128) byte memory[];

// WARPS is how many warps share a block's outputs: more where there are few outputs. SHARED says whether x is copied to shared memory first,
// where it is small: each warp would else wait for its part of it. A norm needs it.
const int warps = WARPS, sumBytes = warps * 16 * 8 * 4;

// A byte of two codes as a pair of bfloat16, the high code first; 32 copies, so that the lanes of a warp read from different banks.
const int pairBookBytes = 256 * 32 * 4;
__device__ inline uint* pair_book() { return (uint*)memory; }

template <typename Book>
__device__ inline void fill_pair_book()
{
    for (int entry = threadIdx.x; entry < 256; entry += blockDim.x)
    {
        uint pair = pack_bf16(Book::entry(entry >> 4), Book::entry(entry & 15));
        for (int i = 0; i < 8; i++)
            ((uint4*)pair_book())[entry * 8 + (i + entry) % 8] = { pair, pair, pair, pair };
    }
}

// The pairs of the four bytes of a word. An entry and its copies take 128 bytes: a byte's place is seven bits further up.
__device__ inline void look_up(uint word, uint* pairs)
{
    const byte* book = (const byte*)pair_book();
    const uint mask = 255 << 7, lane = threadIdx.x % 32 * 4;
    pairs[0] = *(const uint*)(book + (word << 7 & mask | lane));
    pairs[1] = *(const uint*)(book + (word >> 1 & mask | lane));
    pairs[2] = *(const uint*)(book + (word >> 9 & mask | lane));
    pairs[3] = *(const uint*)(book + (word >> 17 & mask | lane));
}

// 16 codes of each row: the quarter of a block of 64.
__device__ inline void multiply_codes(Sums& sum, uint2 first, uint2 second, float d, float e, const Right& x)
{
    uint a[8], b[8];
    look_up(first.x, a);
    look_up(first.y, a + 4);
    look_up(second.x, b);
    look_up(second.y, b + 4);
#pragma unroll
    for (int n = 0; n < tiles; n++)
    {
        uint4 low = x_16(x.at[n]), high = x_16(x.at[n] + 8);
        float c[4];
        multiply(c, a, b, low.x, low.y);
        multiply_add(c, a + 2, b + 2, low.z, low.w);
        multiply_add(c, a + 4, b + 4, high.x, high.y);
        multiply_add(c, a + 6, b + 6, high.z, high.w);
        add_scaled(sum[n], c, d, e);
    }
}

// Two blocks of each row: the first 8 bytes of 16 are the lane's quarter of the first one.
__device__ inline void multiply_blocks(Sums& sum, uint4 first, uint4 second, float2 d, float2 e, const Right& x)
{
    multiply_codes(sum, { first.x, first.y }, { second.x, second.y }, d.x, e.x, x);
    multiply_codes(sum, { first.z, first.w }, { second.z, second.w }, d.y, e.y, x + 64);
}

// Rows of whole pairs of blocks.
template <typename Book>
struct FewFourBits : WithoutRowScales
{
    static const int step = 128, quarter = 16, depth = 2;
    static const int together = 24, sumsAt = pairBookBytes;
    static const bool hasBook = true;
    static const uint middle = 0;
    struct Raw { uint4 first, second; float2 d, e; };

    __device__ static int book_bytes(int) { return pairBookBytes; }

    template <typename Group>
    __device__ static void prepare(const Group&, int) { fill_pair_book<Book>(); }

    __device__ static Raw load(const byte* low, const byte* high, index_t blocks, const Place& at, uint i)
    {
        return {
            *(const uint4*)(low + at.t * 16 + at.first / 2 + i / 2), *(const uint4*)(high + at.t * 16 + at.second / 2 + i / 2),
            *(const float2*)(low + blocks * 32 + at.first / 16 + i / 16), *(const float2*)(high + blocks * 32 + at.second / 16 + i / 16) };
    }

    __device__ static void add(Sums& sum, const Raw& raw, const Right& x, const Everywhere& middle, uint)
    {
        multiply_blocks(sum, raw.first, raw.second, raw.d, raw.e, x);
    }
};

// The scales of a block's 16 rows are decoded once, and wait in shared memory behind the book, so that a step reads nothing but codes: pairs of blocks, of
// all rows beside each other, with room between for one more, so that lanes that store the pairs of a row meet different banks.
struct FewNF4DQ : WithoutRowScales
{
    static const int step = 128, quarter = 16, depth = 2;
    static const int together = 0, sumsAt = 0, apart = 17;
    static const bool hasBook = true;
    static const uint middle = 0;
    struct Raw { uint4 first, second; };

    // Codes of the scales of two blocks one after another, and what scales and moves these.
    struct ScaleCodes
    {
        ushort codes;
        float2 group;

        __device__ void load(const byte* weight, index_t blocks, index_t at)
        {
            index_t groups = blocks * 32, scales = groups + (blocks + 255) / 256 * 8;
            codes = *(const ushort*)(weight + scales + at / 64);
            group = ((const float2*)(weight + groups))[at / (64 * 256)];
        }

        __device__ float2 decoded() const
        {
            return { fmaf(dynamic_map()[codes & 255], group.x, group.y), fmaf(dynamic_map()[codes >> 8], group.x, group.y) };
        }
    };

    __device__ static int book_bytes(int columns) { return pairBookBytes + (columns / step * apart * 8 + 15) / 16 * 16; }
    __device__ static float2* scales() { return (float2*)(memory + pairBookBytes); }

    // A warp takes whole rows; the first codes of each are on their way while the book is filled.
    template <typename Group>
    __device__ static void prepare(const Group& group, int columns)
    {
        const int rows = 16 / warps;
        int warp = threadIdx.x / 32, lane = threadIdx.x % 32, pairs = columns / step;
        ScaleCodes first[rows];
#pragma unroll
        for (int k = 0; k < rows; k++)
            if (lane < pairs)
                first[k].load(group.weight(warp + k * warps), group.blocks, group.start(warp + k * warps, columns) + lane * step);
        for (int i = threadIdx.x; i < 256; i += blockDim.x)
            dynamic_map()[i] = dynamic_code(i);
        fill_pair_book<NormalFloatBook>();
        __syncthreads();
#pragma unroll
        for (int k = 0; k < rows; k++)
        {
            int row = warp + k * warps;
            if (lane < pairs)
                scales()[lane * apart + row] = first[k].decoded();
            for (int i = lane + 32; i < pairs; i += 32)
            {
                ScaleCodes further;
                further.load(group.weight(row), group.blocks, group.start(row, columns) + i * step);
                scales()[i * apart + row] = further.decoded();
            }
        }
    }

    __device__ static Raw load(const byte* low, const byte* high, index_t, const Place& at, uint i)
    {
        return { *(const uint4*)(low + at.t * 16 + at.first / 2 + i / 2), *(const uint4*)(high + at.t * 16 + at.second / 2 + i / 2) };
    }

    __device__ static void add(Sums& sum, const Raw& raw, const Right& x, const Everywhere& middle, uint i)
    {
        const float2* row = scales() + i / step * apart + threadIdx.x % 32 / 4;
        multiply_blocks(sum, raw.first, raw.second, row[0], row[8], x);
    }
};

// One of the products over x: y (rows, outputs) = x Wᵀ.
struct Product { const byte* weight; bf16* y; int outputs; };

// What stands before the products: y = norm of x, which they then take for x. The weight is null where there is none.
struct Norm { const float* weight; float epsilon; bf16* y; float* r; };

// What stands behind them: gated = silu(first product) · second, or sum = residual + the only product. Null where there is none.
struct Ending { bf16* gated; const bf16* residual; bf16* sum; };

#if SHARED
// So many bytes, a multiple of 16, into shared memory; without registers, so that all are under way at once. They are there after copied().
__device__ inline void copy(const void* from, void* shared, int bytes)
{
    uint to = (uint)__cvta_generic_to_shared(shared);
#pragma unroll 1
    for (int i = threadIdx.x * 16; i < bytes; i += warps * 32 * 16)
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" :: "r"(to + i), "l"((const byte*)from + i) : "memory");
}

__device__ inline void copied()
{
    asm volatile("cp.async.wait_all;" ::: "memory");
    __syncthreads();
}

// x in shared memory becomes its norm. Not unrolled: the weights that are under way fill the registers.
__device__ inline void normalise(bf16* x, const Norm& norm, const float* weight, int rows, int columns, bool stores)
{
#pragma unroll 1
    for (int row = 0; row < rows; row++)
    {
        float squares = 0;
#pragma unroll 1
        for (int i = threadIdx.x * 8; i < columns; i += warps * 32 * 8)
        {
            floats<8> v = load<8>(x + row * columns + i);
#pragma unroll
            for (int k = 0; k < 8; k++)
                squares += v.at[k] * v.at[k];
        }
        float inverse = 1 / sqrtf(block_sum(squares) / columns + norm.epsilon);
#pragma unroll 1
        for (int i = threadIdx.x * 8; i < columns; i += warps * 32 * 8)
        {
            floats<8> v = load<8>(x + row * columns + i), w = load<8>(weight + i);
#pragma unroll
            for (int k = 0; k < 8; k++)
                v.at[k] *= inverse * w.at[k];
            store<8>(x + row * columns + i, v);
            if (stores)
                store<8>(norm.y + row * columns + i, v);
        }
        if (stores && threadIdx.x == 0)
            norm.r[row] = inverse;
    }
}
#endif

// The sums of the warps, in the order of the warps: 16 outputs of up to 8 rows.
template <bool overOthers, int at>
__device__ inline float whole_sum(const float (&sum)[4])
{
    if (overOthers)
        __syncthreads();
    int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
    auto parts = (float(*)[16][8])(memory + at);
    parts[warp][g][2 * t] = sum[0];
    parts[warp][g][2 * t + 1] = sum[1];
    parts[warp][g + 8][2 * t] = sum[2];
    parts[warp][g + 8][2 * t + 1] = sum[3];
    __syncthreads();
    float total = 0;
    if (threadIdx.x < 16 * 8)
        for (int k = 0; k < warps; k++)
            total += parts[k][threadIdx.x % 16][threadIdx.x / 16];
    return total;
}

// Outputs first … first + 7 of both, beside each other in 16 threads, of 8 rows from a first one on: stores both and the gate.
__device__ inline void store_gated(float total, const Product& gate, const Product& up, bf16* gated, int first, int firstRow, int rows)
{
    int output = threadIdx.x % 16, row = firstRow + threadIdx.x / 16;
    index_t at = (index_t)row * gate.outputs + first + output % 8;
    bf16 rounded;
    set(rounded, total);
    float g = to_float(rounded), u = __shfl_down_sync(0xFFFFFFFFu, g, 8);
    if (row >= rows)
        return;
    (output < 8 ? gate : up).y[at] = rounded;
    if (output < 8)
        set(gated[at], g * (1 / (1 + __expf(-g))) * u);
}

__device__ inline void store_sum(float total, const Product& product, const Ending& ending, int adds, int first, int firstRow, int rows)
{
    int output = threadIdx.x % 16, row = firstRow + threadIdx.x / 16;
    if (row >= rows || first + output >= product.outputs)
        return;
    index_t at = (index_t)row * product.outputs + first + output;
    bf16 rounded;
    set(rounded, adds ? to_float(product.y[at]) + total : total);
    product.y[at] = rounded;
    if (ending.sum)
        set(ending.sum[at], to_float(ending.residual[at]) + to_float(rounded));
}

// 16 outputs, a block's work at a time: their product, the W of row g + 8 (in a gate that of the second product), where they begin.
struct Group
{
    Product product;
    const byte* high;
    index_t blocks;
    int first;
    bool gates;
    Place at;

    // Of each of its 16 rows of W: the matrix, which of its rows it is, and where in it the row begins.
    __device__ const byte* weight(int row) const { return row < 8 ? product.weight : high; }
    __device__ int row(int i) const { return min(first + (gates ? i % 8 : i), product.outputs - 1); }
    __device__ index_t start(int i, int columns) const { return (index_t)row(i) * columns; }
};

// What all groups choose from.
struct Products
{
    Product a, b, c;
    index_t aBlocks, bBlocks, cBlocks;

    __device__ Group group(int number, bool gates, int columns) const
    {
        int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
        Group group = { a, gates ? b.weight : a.weight, aBlocks, number * (gates ? 8 : 16), gates };
        if (int past = number - (a.outputs + 15) / 16; !gates && past >= 0)
        {
            int further = past - (b.outputs + 15) / 16;
            group.product = further < 0 ? b : c;
            group.high = group.product.weight;
            group.blocks = further < 0 ? bBlocks : cBlocks;
            group.first = (further < 0 ? past : further) * 16;
        }
        int last = group.product.outputs - 1, low = group.first + g, high = gates ? low : low + 8;
        group.at = { (ulong)min(low, last) * columns, (ulong)min(high, last) * columns, (uint)t };
        return group;
    }
};

// Each block takes groups in turn, where its type says so. The first weights of the next group are asked for before the sums of this one are added up.
template <typename Few>
__device__ inline void linear_few(
    const Products& products, const bf16* x, const Norm& norm, const Ending& ending, int adds, int rows, int columns, int groups)
{
    next_may_start();
    int warp = threadIdx.x / 32, g = threadIdx.x % 32 / 4, t = threadIdx.x % 4, number = blockIdx.x;
    bool gates = ending.gated;
    Group group = products.group(number, gates, columns);

    // As many steps as are under way at a time are asked for first of all, before anything is waited for.
    const int depth = Few::depth;
    int steps = (columns / Few::step - warp + warps - 1) / warps;
    auto place = [=](int step) { return (uint)(step * warps + warp) * Few::step; };
    auto load = [&](int step) { return Few::load(group.product.weight, group.high, group.blocks, group.at, place(step)); };
    typename Few::Raw raw[depth];
    auto begin = [&]()
    {
#pragma unroll
        for (int k = 0; k < depth; k++)
            if (k < steps)
                raw[k] = load(k);
    };
    begin();

    // By way of shared memory, so that the compiler cannot see what it is: it would make it again for each product.
    __shared__ Everywhere middles;
    if (threadIdx.x < 4)
        middles.pairs[threadIdx.x] = Few::middle;
    Few::prepare(group, columns);
#if SHARED
    // The norm's weight too, where a book does not need the room: of that which is left, loads under way have to do.
    bf16* shared = (bf16*)(memory + (Few::together > 0 ? sumBytes : 0) + Few::book_bytes(columns));
    const float* normWeight = norm.weight;
    if (norm.weight && !Few::hasBook)
    {
        normWeight = (float*)(shared + rows * columns);
        copy(norm.weight, (void*)normWeight, columns * 4);
    }
#endif

    // So far weights alone were read, which nobody writes.
    wait_for_those_before();
#if SHARED
    copy(x, shared, rows * columns * 2);
    copied();
    if (norm.weight)
        normalise(shared, norm, normWeight, rows, columns, blockIdx.x == 0);
    x = shared;
#endif
    __syncthreads();

    // Row g of x, or the last one: columns of a product that are not stored may be anything. And so of each further 8.
    Right right;
#pragma unroll
    for (int n = 0; n < tiles; n++)
        right.at[n] = x + min(n * 8 + g, rows - 1) * columns + t * Few::quarter;
    Everywhere middle = middles;
    while (true)
    {
        // Each step makes room for one further on; the last ones, for none.
        Sums sum = {};
        float scale = Few::row_scale(group, threadIdx.x % 16);
        int step = 0;
        for (; step + 2 * depth <= steps; step += depth)
#pragma unroll
            for (int k = 0; k < depth; k++)
            {
                Few::add(sum, raw[k], right + place(step + k), middle, place(step + k));
                raw[k] = load(step + k + depth);
            }
        for (; step < steps; step += depth)
#pragma unroll
            for (int k = 0; k < depth; k++)
            {
                if (step + k < steps)
                    Few::add(sum, raw[k], right + place(step + k), middle, place(step + k));
                if (step + k + depth < steps)
                    raw[k] = load(step + k + depth);
            }

        Product product = group.product;
        int first = group.first;
        number += gridDim.x;
        bool more = Few::together > 0 && number < groups;
        if (more)
        {
            group = products.group(number, gates, columns);
            begin();
        }
#pragma unroll
        for (int n = 0; n < tiles; n++)
        {
            if (n > 0 && Few::together > 0)
                __syncthreads();        // the sums of 8 rows lie where the next ones will
            float total = scale * whole_sum<Few::together == 0, Few::sumsAt>(sum[n]);
            if (threadIdx.x < 16 * 8 && gates)
                store_gated(total, product, products.b, ending.gated, first, n * 8, rows);
            else if (threadIdx.x < 16 * 8)
                store_sum(total, product, ending, adds, first, n * 8, rows);
        }
        if (!more)
            return;
        __syncthreads();
    }
}

// The warps that a multiprocessor holds: several times 8 rows want more registers.
template <typename Few>
const int held = tiles > 1 ? 16 : Few::together > 0 ? Few::together : 24;

#define LINEAR_FEW(name, few) \
    extern "C" __global__ void __launch_bounds__(warps * 32, held<few> / warps) linear_few_##name( \
        const byte* a, index_t aBlocks, bf16* ay, int aOutputs, const byte* b, index_t bBlocks, bf16* by, int bOutputs, \
        const byte* c, index_t cBlocks, bf16* cy, int cOutputs, const bf16* x, const float* norm, float epsilon, bf16* normal, float* r, \
        bf16* gated, const bf16* residual, bf16* sum, int adds, int rows, int columns, int groups) \
    { \
        linear_few<few>( \
            { { a, ay, aOutputs }, { b, by, bOutputs }, { c, cy, cOutputs }, aBlocks, bBlocks, cBlocks }, x, { norm, epsilon, normal, r }, \
            { gated, residual, sum }, adds, rows, columns, groups); \
    }
LINEAR_FEW(bf16, FewBF16)
LINEAR_FEW(q8_0, FewQ8)
LINEAR_FEW(fp8, FewFP8)
LINEAR_FEW(q4_0, FewQ4)
LINEAR_FEW(q4_k, FewQ4K)
LINEAR_FEW(q6_k, FewQ6K)
LINEAR_FEW(nf4, FewFourBits<NormalFloatBook>)
LINEAR_FEW(fp4, FewFourBits<SmallFloatBook>)
LINEAR_FEW(nf4_dq, FewNF4DQ)
