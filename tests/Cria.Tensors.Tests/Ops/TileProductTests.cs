using System.Runtime.Intrinsics;

namespace Cria.Tensors.Tests.Ops;

public class TileProductTests
{
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 1, 1, 1 }, { 4, 32, 16 }, { 5, 33, 7 }, { 64, 64, 64 }, { 3, 15, 65 }, { 9, 100, 3 }, { 6, 47, 1 }, { 1, 128, 500 },
    };

    [Theory, MemberData(nameof(Sizes))]
    public void Every_width_agrees_with_the_plain_sum(int rows, int columns, int depth)
    {
        Check<Lanes128, Vector128<float>>(rows, columns, depth);
        Check<Lanes256, Vector256<float>>(rows, columns, depth);
        Check<Lanes512, Vector512<float>>(rows, columns, depth);
    }

    private static void Check<TLanes, TVector>(int rows, int columns, int depth)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float[] a = Some.Floats(rows * depth, 1), b = Some.Floats(depth * (columns + 3), 2), c = Some.Floats(rows * (columns + 2), 3);
        float[] set = [.. c], turned = [.. c], added = [.. c];
        float[] transposed = [.. Enumerable.Range(0, a.Length).Select(i => a[i % rows * depth + i / rows])];

        TileProduct<TLanes, TVector>.Run(in a[0], depth, 1, in b[0], columns + 3, ref set[0], columns + 2, rows, columns, depth, add: false);
        TileProduct<TLanes, TVector>.Run(in transposed[0], 1, rows, in b[0], columns + 3, ref turned[0], columns + 2, rows, columns, depth, add: false);
        TileProduct<TLanes, TVector>.Run(in a[0], depth, 1, in b[0], columns + 3, ref added[0], columns + 2, rows, columns, depth, add: true);

        float[] expected = [.. c], expectedSum = [.. c];
        for (int i = 0; i < rows; i++)
        {
            for (int n = 0; n < columns; n++)
            {
                double sum = Enumerable.Range(0, depth).Sum(k => (double)a[i * depth + k] * b[k * (columns + 3) + n]);
                expected[i * (columns + 2) + n] = (float)sum;
                expectedSum[i * (columns + 2) + n] = (float)(sum + c[i * (columns + 2) + n]);
            }
        }
        Near.Equal(expected, set, Tolerances.LongSums);
        Assert.Equal(set, turned);
        Near.Equal(expectedSum, added, Tolerances.LongSums);
    }
}
