namespace Cria.Templates;

/// <summary>Something that has a value.</summary>
internal abstract record Expression(Place Place);

internal sealed record Constant(Value Value, Place Place) : Expression(Place);

internal sealed record Variable(string Name, Place Place) : Expression(Place);

internal sealed record ListOf(IReadOnlyList<Expression> Items, bool IsTuple, Place Place) : Expression(Place);

internal sealed record MapOf(IReadOnlyList<(Expression Key, Expression Value)> Pairs, Place Place) : Expression(Place);

/// <summary><c>target.name</c></summary>
internal sealed record AttributeOf(Expression Target, string Name, Place Place) : Expression(Place);

/// <summary><c>target[key]</c></summary>
internal sealed record ItemOf(Expression Target, Expression Key, Place Place) : Expression(Place);

/// <summary><c>target[start:stop:step]</c></summary>
internal sealed record SliceOf(Expression Target, Expression? Start, Expression? Stop, Expression? Step, Place Place) : Expression(Place);

/// <summary><c>target(arguments)</c></summary>
internal sealed record Invocation(Expression Target, Arguments Arguments, Place Place) : Expression(Place);

/// <summary><c>subject | name(arguments)</c>; a filter block has no subject but its body.</summary>
internal sealed record Filtered(Expression? Subject, string Name, Arguments Arguments, Place Place) : Expression(Place);

/// <summary><c>subject is name(arguments)</c></summary>
internal sealed record Tested(Expression Subject, string Name, Arguments Arguments, bool Negated, Place Place) : Expression(Place);

/// <summary><c>not x</c></summary>
internal sealed record Not(Expression Operand, Place Place) : Expression(Place);

/// <summary><c>-x</c> or <c>+x</c></summary>
internal sealed record Signed(string Sign, Expression Operand, Place Place) : Expression(Place);

/// <summary><c>a + b</c> and its like</summary>
internal sealed record Calculated(Expression Left, string Sign, Expression Right, Place Place) : Expression(Place);

/// <summary><c>a ~ b ~ …</c></summary>
internal sealed record Joined(IReadOnlyList<Expression> Parts, Place Place) : Expression(Place);

/// <summary><c>a &lt; b &lt;= …</c></summary>
internal sealed record Compared(Expression First, IReadOnlyList<(string Sign, Expression Right)> Rest, Place Place) : Expression(Place);

/// <summary><c>a and b</c>, <c>a or b</c>: the one of them that decides.</summary>
internal sealed record Either(Expression Left, bool IsAnd, Expression Right, Place Place) : Expression(Place);

/// <summary><c>a if condition else b</c></summary>
internal sealed record Conditional(Expression Then, Expression Condition, Expression? Otherwise, Place Place) : Expression(Place);

/// <summary>What stands between the parentheses of a call.</summary>
internal sealed record Arguments(
    IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? MorePositional, Expression? MoreNamed)
{
    public static readonly Arguments None = new([], [], null, null);
}
