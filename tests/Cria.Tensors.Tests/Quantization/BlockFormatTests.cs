using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Cria.Tensors.Quantization;

namespace Cria.Tensors.Tests;

public sealed class BlockFormatTests : IDisposable
{
    private const int Rows = 5, Columns = 7 * 256;

    private readonly CpuBackend cpu = new(2);

    public static TheoryData<string> Types => [.. DataType.All.Select(type => type.Name)];

    // Largest error over the largest number of the block. q8_0: half a step of 1/127, and the scale's own rounding to half precision.
    // q4_0: a whole step of 1/8 at the end that has no code, and the scale's rounding. nf4: half of the widest gap, 1 − 0.696.
    // fp4: half of the gap from 8/12 to 1. The types with a search keep the mean error small, not the largest; that is bounded by the
    // step and the rounding of scales: 1/15 and 1/31 of the range 2 where there is an offset, 1/16 on the shorter side of q5_0.
    // nf4-dq: the scale is wrong too, by half of the widest gap of the map (1/128 of the largest |a − mean|, itself below a).
    [Theory]
    [InlineData("f32", 0)]
    [InlineData("f16", 1f / 2048)]
    [InlineData("bf16", 1f / 256)]
    [InlineData("q8_0", 1f / 254 + 1f / 2048)]
    [InlineData("q4_0", 1f / 8 + 1f / 2048)]
    [InlineData("nf4", 0.152f)]
    [InlineData("nf4-dq", 0.152f + 0.01f)]
    [InlineData("fp4", 1f / 6 + 1e-6f)]
    [InlineData("q4_1", 2f / 15)]
    [InlineData("q5_0", 1f / 16)]
    [InlineData("q5_1", 2f / 31)]
    [InlineData("q2_k", 2f / 3)]
    [InlineData("q3_k", 2f / 7)]
    [InlineData("q4_k", 2f / 15)]
    [InlineData("q5_k", 2f / 31)]
    [InlineData("q6_k", 1f / 24)]
    [InlineData("iq4_nl", 2f / 9)]
    public void A_round_trip_stays_within_the_stated_error(string type, float error)
    {
        var numbers = cpu.From(Some.Floats(Rows * Columns, seed: 3), new Shape(Rows, Columns));

        var found = numbers.To(DataType.Parse(type)!).To(DataType.F32);

        for (int i = 0; i < Rows * Columns; i++)
            Assert.InRange(found.Floats()[i] - numbers.Floats()[i], -error, error);
    }

    [Theory, MemberData(nameof(Types))]
    public void Zeros_stay_zeros(string type)
    {
        var stored = cpu.Zeros(new Shape(2, 256)).To(DataType.Parse(type)!);

        Assert.All(stored.To(DataType.F32).Floats().ToArray(), number => Assert.Equal(0, number));
    }

    [Fact]
    public void Special_numbers_survive_sixteen_bits()
    {
        float[] special = [0, -0f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1, -2, 6e-8f, 65504];
        var numbers = cpu.From([.. special, .. new float[55]], new Shape(64));

        float[] half = numbers.To(DataType.F16).To(DataType.F32).Floats().ToArray();
        float[] brain = numbers.To(DataType.BF16).To(DataType.F32).Floats().ToArray();

        Assert.Equal(special.Select(f => (float)(Half)f), half[..special.Length]);
        Assert.Equal(special[..7], brain[..7]);
    }

    [Fact]
    public void Every_half_is_read_as_it_is()
    {
        var halves = Enumerable.Range(0, 1 << 16).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).ToArray();
        byte[] bytes = MemoryMarshal.AsBytes(halves.AsSpan()).ToArray();

        Assert.Equal(halves.Select(half => (float)half), Read<Floats<F16>, Lanes128, Vector128<float>>(bytes, 0, halves.Length));
        Assert.Equal(halves.Select(half => (float)half), Read<Floats<F16>, Lanes256, Vector256<float>>(bytes, 0, halves.Length));
        Assert.Equal(halves.Select(half => (float)half), Read<Floats<F16>, Lanes512, Vector512<float>>(bytes, 0, halves.Length));
    }

    [Fact]
    public void Every_width_reads_the_same_numbers()
    {
        CheckRead<Floats<F32>>(DataType.F32, Columns + 3);
        CheckRead<Floats<F16>>(DataType.F16, Columns + 3);
        CheckRead<Floats<BF16>>(DataType.BF16, Columns + 3);
        CheckRead<Q8>(DataType.Q8, Columns);
        CheckRead<Q4>(DataType.Q4, Columns);
        CheckRead<SmallBlocks<Q41>>(DataType.Q41, Columns);
        CheckRead<SmallBlocks<Q50>>(DataType.Q50, Columns);
        CheckRead<SmallBlocks<Q51>>(DataType.Q51, Columns);
        CheckRead<SuperBlocks<Q2K>>(DataType.Q2K, Columns);
        CheckRead<SuperBlocks<Q3K>>(DataType.Q3K, Columns);
        CheckRead<SuperBlocks<Q4K>>(DataType.Q4K, Columns);
        CheckRead<SuperBlocks<Q5K>>(DataType.Q5K, Columns);
        CheckRead<SuperBlocks<Q6K>>(DataType.Q6K, Columns);
        CheckRead<SmallBlocks<IQ4NL>>(DataType.IQ4NL, Columns);
        CheckRead<FourBits<NormalFloat>>(DataType.NF4, Columns);
        CheckRead<FourBits<SmallFloat>>(DataType.FP4, Columns);
        CheckRead<NF4DQ>(DataType.NF4DQ, Columns);
    }

    [Fact]
    public void Every_width_agrees_with_the_plain_sum()
    {
        CheckDot<Floats<F32>>(DataType.F32, Columns + 3);
        CheckDot<Floats<F16>>(DataType.F16, Columns + 3);
        CheckDot<Floats<BF16>>(DataType.BF16, Columns + 3);
        CheckDot<Q8>(DataType.Q8, Columns, Tolerances.WideActivations);
        CheckDot<Q4>(DataType.Q4, Columns, Tolerances.WideActivations);
        CheckDot<SmallBlocks<Q41>>(DataType.Q41, Columns, Tolerances.WideActivations);
        CheckDot<SmallBlocks<Q50>>(DataType.Q50, Columns, Tolerances.WideActivations);
        CheckDot<SmallBlocks<Q51>>(DataType.Q51, Columns, Tolerances.WideActivations);
        CheckDot<SuperBlocks<Q2K>>(DataType.Q2K, Columns, Tolerances.WideActivations);
        CheckDot<SuperBlocks<Q3K>>(DataType.Q3K, Columns, Tolerances.WideActivations);
        CheckDot<SuperBlocks<Q4K>>(DataType.Q4K, Columns, Tolerances.WideActivations);
        CheckDot<SuperBlocks<Q5K>>(DataType.Q5K, Columns, Tolerances.WideActivations);
        CheckDot<SuperBlocks<Q6K>>(DataType.Q6K, Columns, Tolerances.WideActivations);
        CheckDot<SmallBlocks<IQ4NL>>(DataType.IQ4NL, Columns, Tolerances.WideActivations);
        CheckDot<FourBits<NormalFloat>>(DataType.NF4, Columns);
        CheckDot<FourBits<SmallFloat>>(DataType.FP4, Columns);
        CheckDot<NF4DQ>(DataType.NF4DQ, Columns);
    }

    [Fact]
    public void A_q8_0_block_is_laid_out_as_gguf_says()
    {
        var numbers = Enumerable.Range(0, 32).Select(i => (i - 16) * 127f / 16).ToArray();      // the scale is 1: -127 … 119
        var stored = cpu.From(numbers, new Shape(32)).To(DataType.Q8);

        byte[] block = stored.Storage.Bytes(0, 34).ToArray();

        Assert.Equal(1, (float)BitConverter.ToHalf(block));
        Assert.Equal(numbers.Select(w => (sbyte)MathF.Round(w, MidpointRounding.AwayFromZero)), block[2..].Select(q => (sbyte)q));
    }

    [Fact]
    public void A_q4_0_block_is_laid_out_as_gguf_says()
    {
        var numbers = Enumerable.Range(0, 32).Select(i => (i % 16) - 8f).ToArray();             // the scale is 1: -8 … 7, twice
        var stored = cpu.From(numbers, new Shape(32)).To(DataType.Q4);

        byte[] block = stored.Storage.Bytes(0, 18).ToArray();

        Assert.Equal(1, (float)BitConverter.ToHalf(block));
        Assert.Equal(Enumerable.Range(0, 16).Select(q => (byte)(q | q << 4)), block[2..]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)]
    public void An_activation_that_is_no_number_is_not_hidden(float bad)
    {
        float[] x = Some.Floats(256, seed: 1), y = new float[2], arranged = new float[256];
        x[40] = bad;
        foreach (var type in DataType.All)
        {
            var weight = cpu.From(Some.Floats(512, seed: 2), new Shape(2, 256)).To(type);

            type.Format.Arrange(x, arranged);
            type.Format.Dot(weight.Storage, 0, arranged, y);

            Assert.All(y, sum => Assert.True(!float.IsFinite(sum) || Math.Abs(sum) > 1e20f));
        }
    }

    [Fact]
    public void Reading_past_the_end_is_refused()
    {
        var stored = cpu.Zeros(new Shape(2, 64)).To(DataType.Q8);

        Assert.Throws<ArgumentOutOfRangeException>(() => DataType.Q8.Format.Read(stored.Storage, 96, new float[64]));
    }

    public void Dispose() => cpu.Dispose();

    private void CheckRead<TCodec>(DataType type, int columns)
        where TCodec : struct, ICodec
    {
        byte[] bytes = Store(type, columns);
        float[] expected = [.. Enumerable.Range(columns, columns).Select(i => TCodec.Number(ref bytes[0], (nuint)i))];

        Assert.Equal(expected, Read<TCodec, Lanes128, Vector128<float>>(bytes, columns, columns));
        Assert.Equal(expected, Read<TCodec, Lanes256, Vector256<float>>(bytes, columns, columns));
        Assert.Equal(expected, Read<TCodec, Lanes512, Vector512<float>>(bytes, columns, columns));
    }

    private void CheckDot<TCodec>(DataType type, int columns, double tolerance = Tolerances.LongSums)
        where TCodec : struct, ICodec
    {
        byte[] bytes = Store(type, columns);
        float[] x = Some.Floats(columns, seed: 5);
        var expected = Enumerable.Range(0, Rows)
            .Select(row => (float)Enumerable.Range(0, columns).Sum(i => (double)x[i] * TCodec.Number(ref bytes[0], (nuint)(row * columns + i))))
            .ToArray();
        var y = new float[Rows];
        type.Format.Arrange((float[])x.Clone(), x);

        BlockFormat<TCodec>.Dot<Lanes128, Vector128<float>>(ref bytes[0], 0, x, y);
        Near.Equal(expected, y, tolerance);
        BlockFormat<TCodec>.Dot<Lanes256, Vector256<float>>(ref bytes[0], 0, x, y);
        Near.Equal(expected, y, tolerance);
        BlockFormat<TCodec>.Dot<Lanes512, Vector512<float>>(ref bytes[0], 0, x, y);
        Near.Equal(expected, y, tolerance);
    }

    private byte[] Store(DataType type, int columns)
    {
        var stored = cpu.From(Some.Floats(Rows * columns, seed: 4), new Shape(Rows, columns)).To(type);
        return stored.Storage.Bytes(0, (int)stored.Storage.Length).ToArray();
    }

    private static float[] Read<TCodec, TLanes, TVector>(byte[] bytes, int element, int count)
        where TCodec : struct, ICodec
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var numbers = new float[count];
        BlockFormat<TCodec>.Read<TLanes, TVector>(ref bytes[0], element, numbers);
        return numbers;
    }
}
