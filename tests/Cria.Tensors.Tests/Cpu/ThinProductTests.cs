using System.Runtime.Intrinsics;
using Cria.Tensors.Quantization;

namespace Cria.Tensors.Tests;

public sealed class ThinProductTests : IDisposable
{
    private readonly CpuBackend cpu = new(2);

    public static TheoryData<int, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int, int>();
            foreach (int many in new[] { 1, 2, 3, 5, 13, 40 })
                foreach (int few in new[] { 1, 3, 4, 8, 9 })
                    foreach (int depth in new[] { 1, 8, 31, 33, 1030 })
                        sizes.Add(many, few, depth);
            return sizes;
        }
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Every_width_agrees_with_the_plain_sum(int many, int few, int depth)
    {
        var a = cpu.From(Some.Floats(many * depth, seed: 1), new Shape(many, depth));
        var b = cpu.From(Some.Floats(few * depth, seed: 2), new Shape(few, depth));

        Check<F32>(a, b);
        Check<BF16>(a.To(DataType.BF16), b);
        Check<F16>(a.To(DataType.F16), b);
    }

    private void Check<TFloat>(Tensor a, Tensor b)
        where TFloat : struct, IFloat
    {
        int many = a.Shape.Rows, few = b.Shape.Rows;
        var numbers = a.To(DataType.F32);
        var expected = new float[many * few];
        for (int i = 0; i < many; i++)
        {
            for (int j = 0; j < few; j++)
                expected[i * few + j] = (float)Enumerable.Range(0, a.Shape.Columns).Sum(k => (double)numbers.Row(i)[k] * b.Row(j)[k]);
        }
        var c = cpu.Empty(new Shape(many, few));
        var product = new ThinProduct<TFloat>(cpu, a, b, new ProductTarget(c, Turned: false, Add: false));

        product.Multiply<Lanes128, Vector128<float>>(0, many);
        Near.Equal(expected, c, Tolerances.LongSums);
        product.Multiply<Lanes256, Vector256<float>>(0, many);
        Near.Equal(expected, c, Tolerances.LongSums);
        product.Multiply<Lanes512, Vector512<float>>(0, many);
        Near.Equal(expected, c, Tolerances.LongSums);
    }

    public void Dispose() => cpu.Dispose();
}
