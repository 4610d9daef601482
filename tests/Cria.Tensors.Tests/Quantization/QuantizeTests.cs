namespace Cria.Tensors.Tests;

public class QuantizeTests
{
    public static TheoryData<string> Types => [.. DataType.All.Where(type => !type.IsFloat).Select(type => type.Name)];

    // More than one group of 256 blocks, the last one short; a row of zeros; numbers that lie halfway between two codes.
    [Theory, MemberData(nameof(Types))]
    public void A_card_writes_the_bytes_that_the_processor_writes(string type)
    {
        Assert.SkipWhen(Card.Missing is not null, Card.Missing ?? "");
        const int Rows = 13, Columns = 2048;
        float[] numbers = Some.Floats(Rows * Columns, seed: 5);
        numbers.AsSpan(3 * Columns, Columns).Clear();
        for (int i = 0; i < Columns; i++)
            numbers[4 * Columns + i] = (i % 255 - 127) / 127f;
        using var cpu = new CpuBackend(2);
        var card = Card.Rent();

        var expected = cpu.From(numbers, new Shape(Rows, Columns)).To(DataType.Parse(type)!);
        var found = card.From(numbers, new Shape(Rows, Columns)).To(DataType.Parse(type)!).OnHost();
        Card.Return(card);

        int length = (int)found.Length;
        Assert.Equal(expected.Storage.Bytes(0, length).ToArray(), found.Bytes(0, length).ToArray());
    }
}
