using Cria.Tensors.Quantization;

namespace Cria.Tensors.Tests;

/// <summary>Against what bitsandbytes stores for the same numbers.</summary>
public sealed class NF4Tests : IDisposable
{
    private readonly Fixture golden = new("nf4.safetensors");
    private readonly CpuBackend cpu = new(2);

    public static TheoryData<string> Matrices => ["a", "b", "c"];

    [Fact]
    public void The_code_book_is_the_published_one() =>
        Assert.Equal(golden.Floats("nf4.code"), NormalFloat.Codes.ToArray());

    [Theory, MemberData(nameof(Matrices))]
    public void The_dynamic_map_is_the_published_one(string matrix) =>
        Assert.Equal(golden.Floats($"{matrix}.dq.nested_code"), DynamicMap.Codes);

    [Theory, MemberData(nameof(Matrices))]
    public void Codes_scales_and_values_equal_the_reference(string matrix)
    {
        var stored = Weight(matrix).To(DataType.NF4);

        var blocks = stored.Storage.Bytes(0, (int)stored.Storage.Length).ToArray().Chunk(36).ToList();
        Assert.Equal(golden.Bytes($"{matrix}.packed"), blocks.SelectMany(block => block[..32]));
        Assert.Equal(golden.Floats($"{matrix}.absmax"), blocks.Select(block => BitConverter.ToSingle(block, 32)));
        Assert.Equal(golden.Floats($"{matrix}.dequant"), stored.To(DataType.F32).Floats());
    }

    [Theory, MemberData(nameof(Matrices))]
    public void Double_quantised_codes_equal_the_reference(string matrix)
    {
        var stored = Weight(matrix).To(DataType.NF4DQ);

        var (blocks, largest, offset) = Take(stored);
        Assert.Equal(golden.Bytes($"{matrix}.dq.packed"), blocks.SelectMany(block => block[1..]));
        Assert.Equal(golden.Bytes($"{matrix}.dq.absmax_q"), blocks.Select(block => block[0]));
        Near.Equal(golden.Floats($"{matrix}.dq.nested_absmax"), largest, Tolerances.Rounding);
        Near.Equal(golden.Floats($"{matrix}.dq.offset")[0], offset, Tolerances.Rounding);
    }

    [Theory, MemberData(nameof(Matrices))]
    public void Double_quantised_values_equal_the_reference(string matrix)
    {
        var stored = Weight(matrix).To(DataType.NF4DQ);
        TakeScalesOfTheReference(stored, matrix);

        Assert.Equal(golden.Floats($"{matrix}.dq.dequant"), stored.To(DataType.F32).Floats());
    }

    public void Dispose() => cpu.Dispose();

    private Tensor Weight(string matrix) => cpu.From(golden.Floats($"{matrix}.weight"), golden.Shape($"{matrix}.weight"));

    private static (List<byte[]> Blocks, float[] Largest, float Offset) Take(Tensor stored)
    {
        var groups = stored.Storage.Bytes(0, (int)stored.Storage.Length).ToArray().Chunk(8 + 256 * 33).ToList();
        return (
            [.. groups.SelectMany(group => group[8..].Chunk(33))],
            [.. groups.Select(group => BitConverter.ToSingle(group, 0))],
            BitConverter.ToSingle(groups[0], 4));
    }

    // The mean of all scales may differ in its last bit, with the order of the sum; all that follows from it is then off by as much.
    private void TakeScalesOfTheReference(Tensor stored, string matrix)
    {
        float[] largest = golden.Floats($"{matrix}.dq.nested_absmax");
        for (int group = 0; group < largest.Length; group++)
        {
            BitConverter.TryWriteBytes(stored.Storage.Bytes(group * (8L + 256 * 33), 4), largest[group]);
            BitConverter.TryWriteBytes(stored.Storage.Bytes(group * (8L + 256 * 33) + 4, 4), golden.Floats($"{matrix}.dq.offset")[0]);
        }
    }
}
