using Cria.Data;
using CsCheck;

namespace Cria.Tests.Data;

public class PackingTests
{
    [Fact]
    public void Each_example_goes_into_the_first_sequence_that_has_room()
    {
        var sequences = Packing.Pack([.. new[] { 6, 5, 4, 3, 2, 1, 7 }.Select(Some)], maxLength: 10);

        Assert.Equal(["6 4", "5 3 2", "1 7"], sequences.Select(sequence => string.Join(' ', sequence.Examples.Select(e => e.Tokens.Count))));
    }

    [Fact]
    public void Packing_equals_a_plain_search_and_fills_no_sequence_too_far()
    {
        Gen.Int[1, 20].Array[1, 60].Sample(lengths =>
        {
            var packed = Packing.Pack([.. lengths.Select(Some)], maxLength: 20).Select(s => s.Examples.Select(e => e.Tokens.Count).ToList()).ToList();

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

    private static Example Some(int length) => new(new int[length], new int[length], new RecordOrigin("a", 1));
}
