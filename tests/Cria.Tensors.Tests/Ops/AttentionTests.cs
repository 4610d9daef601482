using System.Runtime.Intrinsics;

namespace Cria.Tensors.Tests.Ops;

public class AttentionTests
{
    // Query heads, key heads, head size, query rows, key rows, spans.
    public static TheoryData<int, int, int, int, int, AttentionSpan[]> Cases => new()
    {
        { 1, 1, 4, 3, 3, [new(0, 3, 0, 3)] },                                                               // a plain sequence
        { 4, 2, 16, 150, 150, [new(0, 150, 0, 150)] },                                                      // grouped heads, several blocks
        { 2, 1, 5, 70, 70, [new(0, 1, 0, 1), new(1, 66, 1, 66), new(67, 3, 67, 3)] },                       // a packed batch, an odd head
        { 2, 2, 64, 40, 200, [new(0, 10, 0, 75), new(10, 30, 100, 90)] },                                   // caches: more keys than queries
        { 3, 1, 24, 3, 700, [new(0, 1, 10, 650), new(1, 1, 0, 3), new(2, 1, 5, 1)] },                       // decoding of three sequences
        { 4, 4, 33, 90, 21, [new(0, 40, 0, 21, false), new(40, 50, 0, 21, false)] },                        // one prompt that two sequences see
        { 2, 1, 80, 65, 129, [new(0, 65, 0, 129, false)] },                                                 // no mask
        { 2, 1, 256, 20, 20, [new(0, 20, 0, 20)] },                                                         // the largest heads
        { 2, 2, 8, 10, 12, [new(6, 3, 5, 7), new(1, 4, 1, 6)] },                                            // rows that no span covers, spans in any order
    };

    [Theory, MemberData(nameof(Cases))]
    public void Every_case_agrees_with_the_double_loop(int heads, int keyHeads, int size, int queries, int keys, AttentionSpan[] spans)
    {
        using var device = TestDevice.Cpu();
        var (q, k, v) = (device.Random(1, queries, heads * size), device.Random(2, keys, keyHeads * size), device.Random(3, keys, keyHeads * size));

        var y = Tensor.Attend(q, k, v, size, spans);

        Near.Equal(PlainAttention.Attend(q, k, v, size, spans), y);
    }

    [Theory]
    [InlineData("f16", 40), InlineData("bf16", 40), InlineData("q8_0", 40)]     // in tiles
    [InlineData("f16", 2), InlineData("bf16", 2), InlineData("q8_0", 2)]        // row by row
    public void A_cache_of_another_type_counts_as_the_numbers_that_it_holds(string name, int queries)
    {
        using var device = TestDevice.Cpu();
        const int Heads = 4, KeyHeads = 2, Size = 32, Keys = 600;
        var type = DataType.Parse(name)!;
        var q = device.Random(1, queries, Heads * Size);
        Tensor Stored(int seed)
        {
            var cache = device.Backend.Empty(new Shape(Keys, KeyHeads * Size), type);
            device.Backend.CopyRows(device.Random(seed, Keys, KeyHeads * Size), 0, cache, 0, Keys);
            return cache;
        }
        var (k, v) = (Stored(2), Stored(3));
        AttentionSpan[] spans = [new(0, queries, 7, 590)];

        var y = Tensor.Attend(q, k, v, Size, spans);

        Near.Equal(Tensor.Attend(q, k.To(DataType.F32), v.To(DataType.F32), Size, spans).ToArray(), y);
    }

    [Fact]
    public void A_head_that_blocks_do_not_divide_is_refused()
    {
        using var device = TestDevice.Cpu();
        var cache = device.Backend.Zeros(new Shape(4, 96), DataType.Q8);

        var error = Assert.Throws<ShapeException>(() => Tensor.Attend(device.Random(1, 1, 96), cache, cache, 48, [new(0, 1, 0, 4)]));

        Assert.Equal("[Attend] the rest of a head of 48 in blocks of q8_0: expected 0, found 16.", error.Message);
    }

    [Theory, OnEveryDevice]
    public void Forward_follows_the_formula(TestDevice device)
    {
        var q = device.Tensor([1, 0, 2, 0], 2, 2);
        var k = device.Tensor([MathF.Log(2), 7, MathF.Log(4), 7], 2, 2);
        var v = device.Tensor([0, 10, 10, 20], 2, 2);

        var y = Tensor.Attend(q, k, v, 2, [new(0, 2, 0, 2)], scale: 1);

        // Query 0 sees key 0 alone.  Query 1 weighs the keys 2² : 4² = 1 : 4.
        Near.Equal([0, 10, 8, 18], y);
    }

    [Theory, OnEveryDevice]
    public void Scores_far_apart_do_not_overflow(TestDevice device)
    {
        var q = device.Tensor([100, 100, 100], 3, 1);
        var k = device.Tensor([-100, 90, 100], 3, 1);

        var y = Tensor.Attend(q, k, device.Tensor([1, 2, 3], 3, 1), 1, [new(0, 3, 0, 3)]);

        Near.Equal([1, 2, 3], y);
    }

    [Theory, OnEveryDevice]
    public void Rows_in_no_span_are_zeros(TestDevice device)
    {
        var (q, kv) = (device.Random(1, 4, 8), device.Random(2, 4, 8));

        var y = Tensor.Attend(q, kv, kv, 8, [new(1, 2, 0, 2)]);

        Assert.All(y.HostRow(0), number => Assert.Equal(0, number));
        Assert.All(y.HostRow(3), number => Assert.Equal(0, number));
        Assert.All(y.HostRow(2), number => Assert.NotEqual(0, number));
    }

    [Theory, OnEveryDevice]
    public void A_packed_batch_equals_its_sequences_alone(TestDevice device)
    {
        var (q, k, v) = (device.Random(1, 90, 32), device.Random(2, 90, 16), device.Random(3, 90, 16));

        var packed = Tensor.Attend(q, k, v, 16, [new(0, 20, 0, 20), new(20, 70, 20, 70)]);

        var alone = Tensor.Attend(
            device.Tensor(q.ToArray().AsSpan(20 * 32), 70, 32), device.Tensor(k.ToArray().AsSpan(20 * 16), 70, 16), device.Tensor(v.ToArray().AsSpan(20 * 16), 70, 16),
            16, [new(0, 70, 0, 70)]);
        Assert.Equal(alone.ToArray(), packed.ToArray()[(20 * 32)..]);
    }

    [Theory, OnEveryDevice]
    public void One_query_at_a_time_equals_all_at_once(TestDevice device)
    {
        var (q, k, v) = (device.Random(1, 33, 32), device.Random(2, 33, 16), device.Random(3, 33, 16));

        var all = Tensor.Attend(q, k, v, 16, [new(0, 33, 0, 33)]);

        AttentionSpan[] steps = [.. Enumerable.Range(0, 33).Select(i => new AttentionSpan(i, 1, 0, i + 1))];
        Near.Equal(all, Tensor.Attend(q, k, v, 16, steps));
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        Check(device, heads: 2, keyHeads: 1, size: 5, queries: 9, keys: 9, new AttentionSpan(0, 9, 0, 9));
        Check(device, heads: 1, keyHeads: 1, size: 16, queries: 12, keys: 12, new(0, 2, 0, 2), new(2, 10, 2, 10));
        Check(device, heads: 2, keyHeads: 2, size: 4, queries: 10, keys: 17, new AttentionSpan(0, 10, 3, 14));
        Check(device, heads: 2, keyHeads: 1, size: 3, queries: 10, keys: 4, new(0, 4, 0, 4, false), new(4, 5, 0, 3, false));
    }

    [Theory, OnEveryDevice]
    public void Backward_over_several_blocks_matches_finite_differences(TestDevice device)
    {
        Check(device, heads: 1, keyHeads: 1, size: 2, queries: 70, keys: 135, new AttentionSpan(0, 70, 0, 135));
    }

    [Theory, OnEveryDevice]
    public void Spans_that_do_not_fit_are_named(TestDevice device)
    {
        var (q, k) = (device.Random(1, 4, 8), device.Random(2, 6, 8));
        string Message(params AttentionSpan[] spans) => Assert.Throws<ShapeException>(() => Tensor.Attend(q, k, k, 8, spans)).Message;

        Assert.EndsWith("the queries lie outside of 4 rows.", Message(new AttentionSpan(2, 3, 0, 3)), StringComparison.Ordinal);
        Assert.EndsWith("the keys lie outside of 6 rows.", Message(new AttentionSpan(0, 3, 4, 3)), StringComparison.Ordinal);
        Assert.EndsWith("a causal span has fewer keys than queries.", Message(new AttentionSpan(0, 3, 0, 2)), StringComparison.Ordinal);
        Assert.EndsWith("another span has query row 1 too.", Message(new(0, 2, 0, 2), new(1, 2, 0, 2)), StringComparison.Ordinal);
    }

    [Theory, OnEveryDevice]
    public void Heads_that_do_not_fit_are_named(TestDevice device)
    {
        string Message(int queryColumns, int keyColumns) => Assert.Throws<ShapeException>(() =>
            Tensor.Attend(device.Random(1, 1, queryColumns), device.Random(1, 1, keyColumns), device.Random(1, 1, keyColumns), 8, [new(0, 1, 0, 1)])).Message;

        Assert.Equal("[Attend] the columns of the queries: expected heads of 8, found [1, 20].", Message(20, 8));
        Assert.Equal("[Attend] the rest of 3 heads over 2 key heads: expected 0, found 1.", Message(24, 16));
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var (q, k, v) = (device.Trained(1, 170, 64), device.Trained(2, 180, 32), device.Trained(3, 180, 32));
            var y = Tensor.Attend(q, k, v, 16, [new(0, 150, 0, 155), new(150, 20, 150, 30)]);
            float[] before = y.ToArray();
            y.Backward(device.Random(4, 170, 64));
            return [device.Tensor(before), q.Gradient!, k.Gradient!, v.Gradient!];
        });
    }

    [Fact]
    public void Every_width_agrees_with_the_double_loop()
    {
        float[][] narrow = Run<Lanes128, Vector128<float>>(), middle = Run<Lanes256, Vector256<float>>(), wide = Run<Lanes512, Vector512<float>>();

        for (int i = 0; i < narrow.Length; i++)
        {
            Near.Equal(narrow[i], middle[i], Tolerances.LongSums);
            Near.Equal(narrow[i], wide[i], Tolerances.LongSums);
        }
    }

    private static float[][] Run<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        using var device = TestDevice.Cpu();
        var cpu = (CpuBackend)device.Backend;
        AttentionSpan[] spans = [new(0, 75, 0, 80), new(75, 2, 80, 20)];
        var (q, k, v, dy) = (device.Random(1, 77, 72), device.Random(2, 100, 36), device.Random(3, 100, 36), device.Random(4, 77, 72));
        var layout = AttentionLayout.Of(q, k, v, headSize: 36, spans, scale: null);
        var (y, logSums, dq, dk, dv) = (cpu.Zeros(q.Shape), cpu.Zeros(new Shape(2, 77)), cpu.Zeros(q.Shape), cpu.Zeros(k.Shape), cpu.Zeros(k.Shape));

        cpu.Attend(new AttentionForward<TLanes, TVector>(q, k, v, layout, y, logSums), layout);
        cpu.AttendBackward(new AttentionBackward<TLanes, TVector>(q, k, v, layout, y, logSums, dy, dq, dk, dv), layout);

        Near.Equal(PlainAttention.Attend(q, k, v, 36, spans), y);
        return [.. new[] { y, dq, dk, dv }.Select(t => t.ToArray())];
    }

    private static void Check(TestDevice device, int heads, int keyHeads, int size, int queries, int keys, params AttentionSpan[] spans) =>
        Gradient.Check(device, t => Tensor.Attend(t[0], t[1], t[2], size, spans),
            new Shape(queries, heads * size), new Shape(keys, keyHeads * size), new Shape(keys, keyHeads * size));
}
