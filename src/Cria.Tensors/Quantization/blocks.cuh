// How each storage type is read on a device. The formats stand in the C# files of the same names; here is where their bytes lie.
//
// A codec has number(tensor, blocks, i), one number of the tensor; read(tensor, blocks, i), 8 neighbouring numbers from a multiple of 8;
// and prepare(), which every thread of a block calls first: it fills code books in shared memory. "blocks" is how many the tensor has.
//
// Types whose blocks are not multiples of 16 bytes lie in planes (planes.cu): the codes of all blocks, then what scales them. So a warp
// reads whole sectors. The planes of a tensor take as many bytes as its blocks.
#pragma once
#include "common.cuh"

__device__ inline float half_at(const byte* p) { f16 h; h.bits = *(const ushort*)p; return to_float(h); }

// Entry q of a list of constants: chosen one by one, since a list that is indexed would lie in memory.
template <int Length>
__device__ inline float choose(const float (&list)[Length], int q)
{
    float x = list[0];
#pragma unroll
    for (int k = 1; k < Length; k++)
        x = q == k ? list[k] : x;
    return x;
}

// The middle of bin i of 2^k bins that are spread evenly over 0.1 … 1, times 10^(decade − 6), as DynamicMap.cs makes it.
__device__ inline float dynamic_middle(int i, int count, int decade)
{
    auto point = [=](int at)
    {
        float step = (1.0f - 0.1f) / count;
        return at <= count / 2 ? fmaf(step, at, 0.1f) : fmaf(-step, count - at, 1.0f);
    };
    const float size[7] = { 1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f, 1e-1f, 1 };
    return (point(i) + point(i + 1)) / 2 * choose(size, decade);
}

// Entry q of the ascending signed map: 127 negative numbers, 0, 127 positive ones, 1.
__device__ inline float dynamic_code(int q)
{
    if (q == 127 || q == 255)
        return q == 127 ? 0 : 1;
    int rank = q < 127 ? 127 - q : q - 127, decade = 31 - __clz(rank);      // 1 … 127, of which 2^decade … belong to a decade
    float middle = dynamic_middle(rank - (1 << decade), 1 << decade, decade);
    return q < 127 ? -middle : middle;
}

// Entry q of the ascending map without signs: 0, 254 numbers, 1.
__device__ inline float dynamic_unsigned_code(int q)
{
    if (q == 0 || q == 255)
        return q == 0 ? 0 : 1;
    int rank = q + 1, decade = 30 - __clz(rank);
    return dynamic_middle(rank - (2 << decade), 2 << decade, decade);
}

// Plain numbers.
template <typename T>
struct Plain
{
    __device__ static void prepare() {}
    __device__ static float number(const byte* tensor, index_t, index_t i) { return to_float(((const T*)tensor)[i]); }
    __device__ static floats<8> read(const byte* tensor, index_t, index_t i) { return load<8>((const T*)tensor + i); }
};

// Codes first … first + 7 of a block, one by one; types that are wanted fast load them at once.
template <typename Format>
__device__ inline auto eight_codes(const Format& block, int first, int) -> decltype(block.eight(first)) { return block.eight(first); }

template <typename Format>
__device__ inline floats<8> eight_codes(const Format& block, int first, long)
{
    floats<8> codes;
#pragma unroll
    for (int k = 0; k < 8; k++)
        codes.at[k] = block.code(first + k);
    return codes;
}

// Eight nibbles of two words, the low ones or the high ones.
__device__ inline floats<8> nibbles(uint first, uint second, int shift)
{
    floats<8> q;
#pragma unroll
    for (int k = 0; k < 4; k++)
    {
        q.at[k] = (float)(first >> (8 * k + shift) & 15);
        q.at[k + 4] = (float)(second >> (8 * k + shift) & 15);
    }
    return q;
}

// What a type says of a block: a code of each number, and what scales it. number and read follow from these.
template <typename Format>
struct Blocks
{
    __device__ static void prepare() { Format::prepare(); }

    __device__ static float number(const byte* tensor, index_t blocks, index_t i)
    {
        Format block(tensor, blocks, i / Format::length, (int)(i % Format::length));
        return block.scale * block.code((int)(i % Format::length)) + block.offset;
    }

    __device__ static floats<8> read(const byte* tensor, index_t blocks, index_t i)
    {
        int first = (int)(i % Format::length);
        Format block(tensor, blocks, i / Format::length, first);
        floats<8> x = eight_codes(block, first, 0);
#pragma unroll
        for (int k = 0; k < 8; k++)
            x.at[k] = block.scale * x.at[k] + block.offset;
        return x;
    }
};

// 32 bytes of codes of a block in their plane: the 8-byte words of two blocks one after another take turns, so that four threads that share
// a block load 16 bytes each.
struct Codes
{
    const byte* start;
    int apart;
    __device__ Codes(const byte* plane, index_t blocks, index_t block)
    {
        bool turns = block / 2 < blocks / 2;
        start = plane + (turns ? block / 2 * 64 + block % 2 * 8 : block * 32);
        apart = turns ? 16 : 8;
    }
    __device__ byte operator[](int i) const { return start[i / 8 * apart + i % 8]; }
    __device__ const byte* at(int i) const { return start + i / 8 * apart + i % 8; }
};

// q8_0. Planes: the codes of all blocks, then the scales.
struct Q8
{
    static const int length = 32;
    Codes codes;
    float scale, offset = 0;
    __device__ static void prepare() {}
    __device__ Q8(const byte* tensor, index_t blocks, index_t block, int)
        : codes(tensor, blocks, block), scale(half_at(tensor + blocks * 32 + block * 2)) {}
    __device__ float code(int i) const { return (signed char)codes[i]; }
    __device__ floats<8> eight(int first) const
    {
        uint2 words = *(const uint2*)codes.at(first);
        floats<8> q;
#pragma unroll
        for (int k = 0; k < 4; k++)
        {
            q.at[k] = (signed char)(words.x >> 8 * k);
            q.at[k + 4] = (signed char)(words.y >> 8 * k);
        }
        return q;
    }
};

// q4_0. Planes: 16 bytes of codes of each block, then the scales. Of four blocks one after another the 4-byte words take turns (word 0 of
// each, word 1 of each, …), so that four threads that share a block load 16 bytes each.
struct Q4
{
    static const int length = 32;
    const byte* codes;
    int apart;
    float scale, offset = 0;
    __device__ static void prepare() {}
    __device__ Q4(const byte* tensor, index_t blocks, index_t block, int)
        : scale(half_at(tensor + blocks * 16 + block * 2))
    {
        bool turns = block / 4 < blocks / 4;
        codes = tensor + (turns ? block / 4 * 64 + block % 4 * 4 : block * 16);
        apart = turns ? 16 : 4;
    }
    __device__ float code(int i) const
    {
        int pair = codes[i % 16 / 4 * apart + i % 4];
        return (i < 16 ? pair & 15 : pair >> 4) - 8;
    }
    __device__ floats<8> eight(int first) const
    {
        const byte* words = codes + first % 16 / 4 * apart;
        floats<8> q = nibbles(*(const uint*)words, *(const uint*)(words + apart), first / 16 * 4);
#pragma unroll
        for (int k = 0; k < 8; k++)
            q.at[k] -= 8;
        return q;
    }
};

// Blocks of 32 with nibbles, a fifth bit in some, a scale and in some an offset, as they are in files.
template <int size, bool hasOffset, bool hasFifths, int middle>
struct SmallBlock
{
    static const int length = 32;
    const byte *codes, *fifths;
    float scale, offset;
    __device__ static void prepare() {}
    __device__ SmallBlock(const byte* tensor, index_t, index_t block, int)
    {
        const byte* start = tensor + block * size;
        scale = half_at(start);
        offset = hasOffset ? half_at(start + 2) : 0;
        fifths = start + (hasOffset ? 4 : 2);
        codes = fifths + (hasFifths ? 4 : 0);
    }
    __device__ float code(int i) const
    {
        int pair = codes[i % 16], q = i < 16 ? pair & 15 : pair >> 4;
        if (hasFifths)
            q |= (fifths[i / 8] >> i % 8 & 1) << 4;
        return q - middle;
    }
};

// iq4_nl: nibbles that name whole numbers.
__device__ inline float* whole_book()
{
    __shared__ float book[16];
    return book;
}

struct IQ4NL
{
    static const int length = 32;
    const byte* codes;
    float scale, offset = 0;
    __device__ static void prepare()
    {
        const signed char codes[16] = { -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113 };
        if (threadIdx.x == 0)
            for (int i = 0; i < 16; i++)
                whole_book()[i] = codes[i];
        __syncthreads();
    }
    __device__ IQ4NL(const byte* tensor, index_t, index_t block, int)
        : codes(tensor + block * 18 + 2), scale(half_at(tensor + block * 18)) {}
    __device__ float code(int i) const { return whole_book()[i < 16 ? codes[i % 16] & 15 : codes[i % 16] >> 4]; }
};

// q2_k, as in files.
struct Q2K
{
    static const int length = 256;
    const byte* codes;
    float scale, offset;
    __device__ static void prepare() {}
    __device__ Q2K(const byte* tensor, index_t, index_t block, int i)
    {
        const byte* start = tensor + block * 84;
        int fours = start[i / 16];
        scale = half_at(start + 80) * (fours & 15);
        offset = -half_at(start + 82) * (fours >> 4);
        codes = start + 16;
    }
    __device__ float code(int i) const { return codes[i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3; }
};

// q3_k, as in files.
struct Q3K
{
    static const int length = 256;
    const byte* start;
    float scale, offset = 0;
    __device__ static void prepare() {}
    __device__ Q3K(const byte* tensor, index_t, index_t block, int i) : start(tensor + block * 110)
    {
        int part = i / 16, low = start[96 + part % 8] >> part / 8 * 4 & 15, top = start[104 + part % 4] >> part / 4 * 2 & 3;
        scale = half_at(start + 108) * ((low | top << 4) - 32);
    }
    __device__ float code(int i) const
    {
        int low = start[32 + i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3, third = start[i % 32] >> i / 32 & 1;
        return (low | third << 2) - 4;
    }
};

// Scale and minimum of part j, in 6 bits each, as q4_k and q5_k have them in 12 bytes.
__device__ inline void six_bits(const byte* at, int j, int& scale, int& minimum)
{
    scale = j < 4 ? at[j] & 63 : (at[j + 4] & 15) | at[j - 4] >> 6 << 4;
    minimum = j < 4 ? at[j + 4] & 63 : at[j + 4] >> 4 | at[j] >> 6 << 4;
}

// q4_k and q5_k, as in files: multiples of 16 bytes.
template <bool hasFifths>
struct Q45K
{
    static const int length = 256;
    const byte *codes, *fifths;
    float scale, offset;
    __device__ static void prepare() {}
    __device__ Q45K(const byte* tensor, index_t, index_t block, int i)
    {
        const byte* start = tensor + block * (hasFifths ? 176 : 144);
        int s, m;
        six_bits(start + 4, i / 32, s, m);
        scale = half_at(start) * s;
        offset = -half_at(start + 2) * m;
        fifths = start + 16;
        codes = start + (hasFifths ? 48 : 16);
    }
    __device__ float code(int i) const
    {
        int q = codes[i / 64 * 32 + i % 32] >> i / 32 % 2 * 4 & 15;
        return hasFifths ? q | (fifths[i % 32] >> i / 32 & 1) << 4 : q;
    }
    __device__ floats<8> eight(int first) const
    {
        uint2 words = *(const uint2*)(codes + first / 64 * 32 + first % 32);
        floats<8> q = nibbles(words.x, words.y, first / 32 % 2 * 4);
        if (hasFifths)
        {
            uint2 bits = *(const uint2*)(fifths + first % 32);
#pragma unroll
            for (int k = 0; k < 4; k++)
            {
                q.at[k] += (bits.x >> (8 * k + first / 32) & 1) * 16;
                q.at[k + 4] += (bits.y >> (8 * k + first / 32) & 1) * 16;
            }
        }
        return q;
    }
};

// q6_k. Planes: 128 bytes of each block with the low four bits, 64 with the high two, 16 scales, d. In each 64 bytes of low bits the
// words 4p + t stand at 4t + p, in each 32 bytes of high bits at 2t + p: four threads that share 16 numbers load what they need at once.
struct Q6K
{
    static const int length = 256;
    const byte *low, *high;
    float scale, offset = 0;
    __device__ static void prepare() {}
    __device__ Q6K(const byte* tensor, index_t blocks, index_t block, int i)
        : low(tensor + block * 128), high(tensor + blocks * 128 + block * 64)
    {
        const byte* scales = tensor + blocks * 192;
        scale = half_at(scales + blocks * 16 + block * 2) * (signed char)scales[block * 16 + i / 16];
    }
    __device__ float code(int i) const
    {
        int half = i / 128, j = i % 64, word = j / 4, k = i % 32 / 4;
        int four = low[half * 64 + (word % 4 * 4 + word / 4) * 4 + j % 4] >> i % 128 / 64 * 4 & 15;
        int two = high[half * 32 + (k % 4 * 2 + k / 4) * 4 + i % 4] >> i % 128 / 32 * 2 & 3;
        return (four | two << 4) - 32;
    }
    __device__ floats<8> eight(int first) const
    {
        int half = first / 128, word = first % 64 / 4, k = first % 32 / 4;
        floats<8> q;
#pragma unroll
        for (int j = 0; j < 2; j++)
        {
            uint four = *(const uint*)(low + half * 64 + ((word + j) % 4 * 4 + (word + j) / 4) * 4) >> first % 128 / 64 * 4 & 0x0F0F0F0Fu;
            uint two = *(const uint*)(high + half * 32 + ((k + j) % 4 * 2 + (k + j) / 4) * 4) >> first % 128 / 32 * 2 & 0x03030303u;
            uint six = four | two << 4;
#pragma unroll
            for (int b = 0; b < 4; b++)
                q.at[4 * j + b] = (float)((int)(six >> 8 * b & 63) - 32);
        }
        return q;
    }
};

// The book of a 4-bit type, in shared memory: entries that differ lie in different banks.
__device__ inline float* four_bit_book()
{
    __shared__ float book[16];
    return book;
}

// The entries that the eight nibbles of a word name, of each byte the high one first.
__device__ inline floats<8> look_up_eight(uint word)
{
    floats<8> x;
#pragma unroll
    for (int k = 0; k < 4; k++)
    {
        x.at[2 * k] = four_bit_book()[word >> (8 * k + 4) & 15];
        x.at[2 * k + 1] = four_bit_book()[word >> 8 * k & 15];
    }
    return x;
}

__device__ inline float* dynamic_map()
{
    __shared__ float map[256];
    return map;
}

struct NormalFloatBook
{
    __device__ static float entry(int q)
    {
        const float codes[16] = {
            -1, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
            -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0,
            0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
            0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1 };
        return choose(codes, q);
    }
};

struct SmallFloatBook
{
    __device__ static float entry(int q)
    {
        const float magnitudes[8] = { 0, 0.0625f / 12, 8.0f / 12, 1, 4.0f / 12, 6.0f / 12, 2.0f / 12, 3.0f / 12 };
        float x = choose(magnitudes, q & 7);
        return q < 8 ? x : -x;
    }
};

// nf4 and fp4. Planes: the codes of all blocks, the even number high, then the scales.
template <typename Book>
struct FourBits
{
    static const int length = 64;
    Codes codes;
    float scale, offset = 0;
    __device__ static void prepare()
    {
        if (threadIdx.x < 16)
            four_bit_book()[threadIdx.x] = Book::entry(threadIdx.x);
        __syncthreads();
    }
    __device__ FourBits(const byte* tensor, index_t blocks, index_t block, int)
        : codes(tensor, blocks, block), scale(((const float*)(tensor + blocks * 32))[block]) {}
    __device__ float code(int i) const { return four_bit_book()[i % 2 == 0 ? codes[i / 2] >> 4 : codes[i / 2] & 15]; }
    __device__ floats<8> eight(int first) const { return look_up_eight(*(const uint*)codes.at(first / 2)); }
};

// nf4-dq. Planes: the codes of all blocks; A and o of each 256 blocks; s of each block.
struct NF4DQ
{
    static const int length = 64;
    Codes codes;
    float scale, offset = 0;
    __device__ static void prepare()
    {
        for (int i = threadIdx.x; i < 256; i += blockDim.x)
            dynamic_map()[i] = dynamic_code(i);
        FourBits<NormalFloatBook>::prepare();
    }
    __device__ NF4DQ(const byte* tensor, index_t blocks, index_t block, int) : codes(tensor, blocks, block)
    {
        const byte* groups = tensor + blocks * 32;
        float2 group = ((const float2*)groups)[block / 256];
        scale = fmaf(dynamic_map()[groups[(blocks + 255) / 256 * 8 + block]], group.x, group.y);
    }
    __device__ float code(int i) const { return four_bit_book()[i % 2 == 0 ? codes[i / 2] >> 4 : codes[i / 2] & 15]; }
    __device__ floats<8> eight(int first) const { return look_up_eight(*(const uint*)codes.at(first / 2)); }
};

typedef SmallBlock<20, true, false, 0> Q41;
typedef SmallBlock<22, false, true, 16> Q50;
typedef SmallBlock<24, true, true, 0> Q51;

// Every storage type: the name that its kernels end in, and its codec.
#define FOR_EACH_TYPE(define) \
    define(f32, Plain<float>) \
    define(f16, Plain<f16>) \
    define(bf16, Plain<bf16>) \
    define(q8_0, Blocks<Q8>) \
    define(q4_0, Blocks<Q4>) \
    define(q4_1, Blocks<Q41>) \
    define(q5_0, Blocks<Q50>) \
    define(q5_1, Blocks<Q51>) \
    define(q2_k, Blocks<Q2K>) \
    define(q3_k, Blocks<Q3K>) \
    define(q4_k, Blocks<Q45K<false>>) \
    define(q5_k, Blocks<Q45K<true>>) \
    define(q6_k, Blocks<Q6K>) \
    define(iq4_nl, Blocks<IQ4NL>) \
    define(nf4, Blocks<FourBits<NormalFloatBook>>) \
    define(nf4_dq, Blocks<NF4DQ>) \
    define(fp4, Blocks<FourBits<SmallFloatBook>>)
