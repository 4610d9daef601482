namespace Cria.Tensors.Tests.Ops;

public class CrossEntropyTests
{
    private const int None = Tensor.NoTarget;

    [Theory, OnEveryDevice]
    public void Two_sequences_of_different_length_give_the_answer_made_by_hand(TestDevice device)
    {
        // The head copies, so the logits are the rows.  Row by row, with p = softmax:
        //   sequence 1, three tokens: (0, ln 3) wants 1: p = 3/4;  (0, 0) wants 0: p = 1/2;  its last token has no target
        //   sequence 2, two tokens:   (ln 4, 0) wants 1: p = 1/5;  its last token has no target
        var hidden = device.Tensor([0, MathF.Log(3), 0, 0, 9, 9, MathF.Log(4), 0, 9, 9], 5, 2);
        var head = device.Tensor([1, 0, 0, 1], 2, 2);

        var loss = hidden.CrossEntropy(head, [1, 0, None, 1, None], scale: 1f / 3);

        Assert.Equal(0, loss.Shape.Rank);
        Near.Equal((Math.Log(4.0 / 3) + Math.Log(2) + Math.Log(5)) / 3, loss.Item());
    }

    [Theory, OnEveryDevice]
    public void Log_probabilities_stand_at_their_rows(TestDevice device)
    {
        var hidden = device.Tensor([0, MathF.Log(3), 9, 9, MathF.Log(4), 0], 3, 2);
        var head = device.Tensor([1, 0, 0, 1], 2, 2);

        var y = hidden.LogProbabilities(head, [1, None, 1]);

        Near.Equal([MathF.Log(0.75f), 0, MathF.Log(0.2f)], y);
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences_with_the_head_trained(TestDevice device)
    {
        Gradient.Check(device, t => t[0].CrossEntropy(t[1], [3, None, 0, 6], 0.5f), new Shape(4, 5), new Shape(7, 5));
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences_with_the_head_frozen(TestDevice device)
    {
        var head = device.Random(seed: 5, 7, 5);

        Gradient.Check(device, t => t[0].CrossEntropy(head, [3, None, 0, 6], 0.5f) * 3, new Shape(4, 5));
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences_with_only_the_head_trained(TestDevice device)
    {
        var hidden = device.Random(seed: 5, 4, 5);

        Gradient.Check(device, t => hidden.CrossEntropy(t[0], [3, None, 0, 6], 0.5f) * 3, new Shape(7, 5));
    }

    [Theory, OnEveryDevice]
    public void Pieces_make_no_difference(TestDevice device)
    {
        // 65,536 tokens: a piece holds 128 rows.
        var (hidden, head) = (device.Random(1, 150, 2), device.Random(2, 65_536, 2));
        hidden.RequiresGradient = true;
        int[] targets = Some.Ints(150, below: 65_536, seed: 3);

        using var scope = TensorScope.Begin();
        var loss = hidden.CrossEntropy(head, targets, 1);
        loss.Backward();

        Near.Equal(-hidden.LogProbabilities(head, targets).ToArray().Sum(x => (double)x), loss.Item(), Tolerances.LongSums);
        for (int row = 120; row < 150; row += 10)
        {
            var alone = device.Tensor(hidden.HostRow(row), 1, 2);
            alone.RequiresGradient = true;
            alone.CrossEntropy(head, [targets[row]], 1).Backward();
            Near.Equal(alone.Gradient!.ToArray(), hidden.Gradient!.HostRow(row));
        }
    }

    [Theory, OnEveryDevice]
    public void Without_a_target_the_loss_and_its_gradient_are_zero(TestDevice device)
    {
        var hidden = device.Trained(1, 2, 3);
        var head = device.Random(2, 4, 3);

        using var scope = TensorScope.Begin();
        var loss = hidden.CrossEntropy(head, [None, None], 1);
        loss.Backward();

        Assert.Equal(0, loss.Item());
        Assert.All(hidden.Gradient!.ToArray(), number => Assert.Equal(0, number));
    }

    [Theory, OnEveryDevice]
    public void A_target_outside_of_the_vocabulary_is_named(TestDevice device)
    {
        var error = Assert.Throws<ShapeException>(() => device.Random(1, 2, 3).CrossEntropy(device.Random(2, 4, 3), [0, 4], 1));

        Assert.Equal("[CrossEntropy] id 4 lies outside of a table of 4 rows.", error.Message);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var (hidden, frozen, head) = (device.Trained(1, 60, 33), device.Random(2, 501, 33), device.Trained(3, 501, 33));
            int[] targets = Some.Ints(60, below: 501, seed: 4);
            var loss = hidden.CrossEntropy(frozen, targets, 0.1f) + hidden.CrossEntropy(head, targets, 0.1f);
            loss.Backward();
            return [loss, hidden.Gradient!, head.Gradient!];
        });
    }
}
