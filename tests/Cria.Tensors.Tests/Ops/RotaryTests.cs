using System.Runtime.Intrinsics;

namespace Cria.Tensors.Tests.Ops;

public class RotaryTests
{
    [Theory, OnEveryDevice]
    public void Pairs_half_a_head_apart_turn_by_position_times_frequency(TestDevice device)
    {
        var angles = Rotary.Angles(device.Backend, [MathF.PI / 2, MathF.PI], [0, 1]);
        var x = device.Tensor([1, 2, 3, 4, 1, 2, 3, 4], 2, 4);

        var y = x.Rotate(angles);

        // Row 0 stays.  Row 1: (1, 3) turns by a right angle, (2, 4) by two.
        Near.Equal([1, 2, 3, 4, -3, -2, 1, -4], y);
    }

    [Theory, OnEveryDevice]
    public void Every_head_turns_by_the_same_angles(TestDevice device)
    {
        var angles = Rotary.Angles(device.Backend, RotaryFrequencies.Plain(6, 10_000), [3, 70_001]);
        var heads = device.Random(seed: 1, 2, 18);

        var y = heads.Rotate(angles);

        for (int head = 0; head < 3; head++)
        {
            float[] x = [.. heads.HostRow(1).AsSpan(6 * head, 6), .. heads.HostRow(0).AsSpan(6 * head, 6)];
            var alone = device.Tensor(x, 2, 6).Rotate(Rotary.Angles(device.Backend, RotaryFrequencies.Plain(6, 10_000), [70_001, 3]));
            Near.Equal(alone.HostRow(0), y.HostRow(1).AsSpan(6 * head, 6));
            Near.Equal(alone.HostRow(1), y.HostRow(0).AsSpan(6 * head, 6));
        }
    }

    [Theory, OnEveryDevice]
    public void Backward_matches_finite_differences(TestDevice device)
    {
        var angles = Rotary.Angles(device.Backend, RotaryFrequencies.Plain(10, 500), [4, 9, 2]);

        Gradient.Check(device, t => t[0].Rotate(angles), new Shape(3, 30));
    }

    [Theory, OnEveryDevice]
    public void Angles_for_other_rows_are_named(TestDevice device)
    {
        var angles = Rotary.Angles(device.Backend, [1, 1], [0, 1]);

        var error = Assert.Throws<ShapeException>(() => device.Random(1, 3, 8).Rotate(angles));

        Assert.Equal("[Rotate] the rows of the angles: expected 3, found 2.", error.Message);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        AnyThreads.GiveTheSameBits(device =>
        {
            var angles = Rotary.Angles(device.Backend, RotaryFrequencies.Plain(50, 10_000), [.. Enumerable.Range(0, 77)]);
            var x = device.Trained(seed: 1, 77, 300);
            var y = x.Rotate(angles);
            y.Backward(device.Random(seed: 2, 77, 300));
            return [y, x.Gradient!];
        });
    }

    [Theory, InlineData(2), InlineData(32), InlineData(74)]
    public void Every_width_agrees_with_the_formula(int size)
    {
        Check<Lanes128, Vector128<float>>(size);
        Check<Lanes256, Vector256<float>>(size);
        Check<Lanes512, Vector512<float>>(size);
    }

    private static void Check<TLanes, TVector>(int size)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        float[] x = Some.Floats(2 * size, 1), angle = Some.Floats(size, 2), y = new float[2 * size], dx = new float[2 * size];
        Array.Fill(dx, float.NaN);

        Rotation<TLanes, TVector>.Row(x, angle, y, back: false, add: false);
        Rotation<TLanes, TVector>.Row(x, angle, dx, back: true, add: false);
        float[] twice = [.. dx];
        Rotation<TLanes, TVector>.Row(x, angle, twice, back: true, add: true);

        for (int i = 0; i < size / 2; i++)
        {
            var (first, second, cos, sin) = (x[size + i], x[size + size / 2 + i], angle[i], angle[size / 2 + i]);
            Near.Equal(first * cos - second * sin, y[size + i]);
            Near.Equal(second * cos + first * sin, y[size + size / 2 + i]);
            Near.Equal(first * cos + second * sin, dx[size + i]);
            Near.Equal(second * cos - first * sin, dx[size + size / 2 + i]);
            Near.Equal(2 * dx[size + i], twice[size + i]);
            Near.Equal(2 * dx[size + size / 2 + i], twice[size + size / 2 + i]);
        }
    }
}
