namespace Cria.Tensors.Tests.Ops;

public class CandidatesTests
{
    // Few values, so that many are equal, also at the border of what is taken; and all different.
    [Theory, OnEveryDevice]
    public void The_largest_come_in_falling_order_and_of_equals_those_that_stand_first(TestDevice device)
    {
        foreach (var (columns, count, values) in ((int, int, int)[])[(5, 5, 2), (1_000, 7, 3), (1_000, 1_000, 40), (33_000, 64, 9), (128_256, 1_024, 60_000), (4_100, 1_024, 1)])
        {
            float[] numbers = [.. Some.Ints(2 * columns, values, seed: columns).Select(i => (i - values / 2) * 0.25f)];
            var found = Find(device, numbers, 2, count, temperature: 0);
            for (int row = 0; row < 2; row++)
            {
                float[] own = numbers[(row * columns)..((row + 1) * columns)];
                int[] expected = [.. Enumerable.Range(0, columns).OrderByDescending(i => own[i]).Take(count)];
                Assert.Equal(expected, found[row].Ids);
                Assert.Equal(expected.Select(i => own[i]), found[row].Scores);
            }
        }
    }

    [Theory, OnEveryDevice]
    public void The_sums_are_those_of_all_numbers(TestDevice device)
    {
        float[] numbers = [.. Some.Floats(50_000, 3).Select(number => 9 * number)];
        float highest = numbers.Max();

        var found = Find(device, numbers, 1, 3, temperature: 0.7f)[0];

        Near.Equal(1, found.Sum / numbers.Sum(number => Math.Exp(number - highest)), 1e-12);
        Near.Equal(1, found.TemperedSum / numbers.Sum(number => Math.Exp((number - highest) / 0.7f)), 1e-6);
    }

    [Theory, OnEveryDevice]
    public void Penalties_push_numbers_down_before_anything_is_chosen(TestDevice device)
    {
        var x = device.Tensor([4, 3, -1, 2, 1, 5], 2, 3);
        var scores = device.Backend.Zeros(x.Shape);

        var found = device.Backend.Candidates(x, scores, new CandidateOptions(3, [[0, 2], []], Penalty: 1.6f, Temperature: 0));

        Assert.Equal([4 / 1.6f, 3, -1 * 1.6f, 2, 1, 5], scores.ToArray());
        Assert.Equal([1, 0, 2], found[0].Ids);
        Assert.Equal([2, 0, 1], found[1].Ids);
    }

    [Theory, OnEveryDevice]
    public void What_is_no_number_is_told_by_the_sums(TestDevice device)
    {
        var found = Find(device, [1, float.NaN, 3, float.NegativeInfinity, -0f, 0f], 1, 2, temperature: 0)[0];

        Assert.True(double.IsNaN(found.Sum) && double.IsNaN(found.TemperedSum));
        Assert.Equal([2, 0], found.Ids);
        Assert.Equal([1, 2, 0], Find(device, [float.NegativeInfinity, -0f, 0f], 1, 3, temperature: 0)[0].Ids);
    }

    private static RowCandidates[] Find(TestDevice device, float[] numbers, int rows, int count, float temperature)
    {
        var x = device.Tensor(numbers, rows, numbers.Length / rows);
        int[][] none = [.. Enumerable.Range(0, rows).Select(_ => Array.Empty<int>())];
        return device.Backend.Candidates(x, device.Backend.Zeros(x.Shape), new CandidateOptions(count, none, Penalty: 1, temperature));
    }
}
