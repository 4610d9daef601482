using System.Numerics;

namespace Cria.Templates;

/// <summary>True, false, whole numbers and floats; as in Python, true and false count as 1 and 0.</summary>
internal abstract class Number : Value
{
    /// <summary>The number as a float.</summary>
    public abstract double AsDouble { get; }

    /// <summary>The number if it is whole and no float; else null.</summary>
    public abstract BigInteger? Whole { get; }

    public override bool IsTrue => AsDouble != 0;

    public override bool Equals(object? other) =>
        other is Number number && (Whole is { } a && number.Whole is { } b ? a == b : AsDouble == number.AsDouble);

    public override int GetHashCode() => AsDouble.GetHashCode();
}

/// <summary>True or false.</summary>
internal sealed class Bool : Number
{
    public static readonly Bool True = new(), False = new();

    private Bool()
    {
    }

    public override string Kind => "a truth value";

    public override double AsDouble => this == True ? 1 : 0;

    public override BigInteger? Whole => this == True ? BigInteger.One : BigInteger.Zero;

    public static Bool Of(bool value) => value ? True : False;
}

/// <summary>A whole number.</summary>
internal sealed class Integer : Number
{
    private const int MostBits = 1024;

    private readonly BigInteger value;

    public Integer(BigInteger value)
    {
        if (value.GetBitLength() > MostBits)
            throw new JinjaException($"a whole number has more than {MostBits} bits.");
        this.value = value;
    }

    public override string Kind => "a whole number";

    public override double AsDouble => (double)value;

    public override BigInteger? Whole => value;
}

/// <summary>A float.</summary>
internal sealed class Real(double value) : Number
{
    public override string Kind => "a float";

    public override double AsDouble => value;

    public override BigInteger? Whole => null;
}
