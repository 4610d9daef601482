namespace Cria.Templates;

/// <summary>Something that is done: it writes, or changes variables.</summary>
internal abstract record Statement(Place Place);

/// <summary>Text outside of tags.</summary>
internal sealed record Output(Text Text, Place Place) : Statement(Place);

/// <summary><c>{{ value }}</c></summary>
internal sealed record Print(Expression Value, Place Place) : Statement(Place);

internal sealed record If(IReadOnlyList<(Expression Condition, Block Then)> Branches, Block Otherwise, Place Place) : Statement(Place);

internal sealed record For(Target Target, Expression Items, Expression? Condition, bool IsRecursive, Block Body, Block Otherwise, Place Place) : Statement(Place);

/// <summary><c>{% set target = value %}</c></summary>
internal sealed record Set(Target Target, Expression Value, Place Place) : Statement(Place);

/// <summary><c>{% set target %}body{% endset %}</c></summary>
internal sealed record SetBlock(Target Target, IReadOnlyList<Filtered> Filters, Block Body, Place Place) : Statement(Place);

internal sealed record Macro(string Name, IReadOnlyList<Parameter> Parameters, Block Body, Place Place) : Statement(Place);

/// <summary><c>{% call(parameters) macro(…) %}body{% endcall %}</c></summary>
internal sealed record CallBlock(IReadOnlyList<Parameter> Parameters, Invocation Invocation, Block Body, Place Place) : Statement(Place);

/// <summary><c>{% filter name %}body{% endfilter %}</c></summary>
internal sealed record FilterBlock(IReadOnlyList<Filtered> Filters, Block Body, Place Place) : Statement(Place);

internal sealed record With(IReadOnlyList<(Target Target, Expression Value)> Variables, Block Body, Place Place) : Statement(Place);

/// <summary><c>{% generation %}body{% endgeneration %}</c>: the body is what a model has to produce.</summary>
internal sealed record Generation(Block Body, Place Place) : Statement(Place);

/// <summary><c>{% break %}</c> or <c>{% continue %}</c></summary>
internal sealed record Jump(bool IsBreak, Place Place) : Statement(Place);

/// <summary>Statements one after another.</summary>
internal sealed record Block(IReadOnlyList<Statement> Statements)
{
    public static readonly Block Empty = new([]);
}

/// <summary>A parameter of a macro.</summary>
internal sealed record Parameter(string Name, Expression? Otherwise);

/// <summary>What a value is given to: a name, an attribute of a namespace, or several names that share the elements of a list.</summary>
internal sealed record Target(string Name, string? Attribute, IReadOnlyList<Target>? Parts, Place Place);
