using Cria.Data;
using CsCheck;

namespace Cria.Tests.Data;

public class PackingTests
{
    [Fact]
    public void Each_example_goes_into_the_first_sequence_that_has_room()
    {
        Assert.Equal(["6 4", "5 3 2", "1 7"], Pack([6, 5, 4, 3, 2, 1, 7], maxLength: 10).Select(lengths => string.Join(' ', lengths)));
    }

    [Fact]
    public void Packing_equals_a_plain_search_and_fills_no_sequence_too_far()
    {
        Gen.Int[1, 20].Array[1, 60].Sample(lengths =>
        {
            var packed = Pack(lengths, maxLength: 20);

            var plain = new List<List<int>>();
            foreach (int length in lengths)
            {
                var place = plain.FirstOrDefault(sequence => sequence.Sum() + length <= 20);
                if (place is null)
                    plain.Add(place = []);
                place.Add(length);
            }
            Assert.Equal(plain, packed);
        }, iter: 200);
    }

    // The lengths in each sequence.
    private static List<List<int>> Pack(int[] lengths, int maxLength)
    {
        int[] places = Packing.Pack(lengths.Length, i => lengths[i], maxLength, out int sequences);
        var (examples, starts) = Packing.Sort(places, sequences);
        return [.. Enumerable.Range(0, sequences).Select(i => examples[starts[i]..starts[i + 1]].Select(example => lengths[example]).ToList())];
    }
}
