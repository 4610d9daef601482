using System.Runtime.CompilerServices;

namespace Cria.Tensors;

/// <summary>The lengths of a tensor's axes, outermost first: at most four of them.</summary>
/// <remarks>A value type, so that a shape costs no allocation. Tensors are always contiguous and row-major.</remarks>
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The largest number of axes.</summary>
    public const int MaxRank = 4;

    private readonly Axes axes;

    /// <summary>A shape from the lengths of its axes.</summary>
    /// <exception cref="ShapeException">More than four axes, or a negative length.</exception>
    public Shape(params ReadOnlySpan<long> lengths)
    {
        if (lengths.Length > MaxRank)
            throw ShapeException.TooManyAxes(lengths.Length);
        Rank = lengths.Length;
        for (int i = 0; i < lengths.Length; i++)
            axes[i] = lengths[i] >= 0 ? lengths[i] : throw ShapeException.NegativeLength(lengths[i]);
    }

    /// <summary>How many axes there are; a scalar has none.</summary>
    public int Rank { get; }

    /// <summary>The number of elements. Throws <see cref="OverflowException"/> where it does not fit 64 bits.</summary>
    public long Length
    {
        get
        {
            long length = 1;
            for (int i = 0; i < Rank; i++)
                length = checked(length * axes[i]);
            return length;
        }
    }

    /// <summary>The length of one axis.</summary>
    public long this[int axis] => (uint)axis < (uint)Rank ? axes[axis] : throw new ArgumentOutOfRangeException(nameof(axis));

    /// <summary>The last axis: the numbers of one row. 1 for a scalar.</summary>
    public int Columns => Rank == 0 ? 1 : checked((int)axes[Rank - 1]);

    /// <summary>How many rows of <see cref="Columns"/> numbers there are.</summary>
    public int Rows
    {
        get
        {
            long rows = 1;
            for (int i = 0; i < Rank - 1; i++)
                rows = checked(rows * axes[i]);
            return checked((int)rows);
        }
    }

    /// <summary>The same shape with another last axis.</summary>
    public Shape WithColumns(long columns)
    {
        Span<long> lengths = stackalloc long[Math.Max(Rank, 1)];
        for (int i = 0; i < Rank; i++)
            lengths[i] = axes[i];
        lengths[^1] = columns;
        return new Shape(lengths);
    }

    /// <inheritdoc/>
    public bool Equals(Shape other)
    {
        if (Rank != other.Rank)
            return false;
        for (int i = 0; i < Rank; i++)
        {
            if (axes[i] != other.axes[i])
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, axes[0], axes[1], axes[2], axes[3]);

    /// <summary>Whether both shapes have the same axes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether the shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>As users read it in a message: <c>[16, 64]</c>.</summary>
    public override string ToString()
    {
        var self = this;
        return $"[{string.Join(", ", Enumerable.Range(0, Rank).Select(i => self.axes[i]))}]";
    }

    [InlineArray(MaxRank)]
    private struct Axes
    {
        private long first;
    }
}
