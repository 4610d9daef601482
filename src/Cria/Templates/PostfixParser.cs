namespace Cria.Templates;

/// <summary>Reads what follows a value: attributes, indices, slices, calls, filters and tests.</summary>
internal sealed class PostfixParser(TokenReader reader, ExpressionParser expressions)
{
    /// <summary>Attributes, indices and calls.</summary>
    public Expression Read(Expression value)
    {
        while (true)
        {
            var token = reader.Current;
            if (reader.Skip("."))
                value = ReadDot(value, token.Place);
            else if (reader.Skip("["))
                value = ReadBrackets(value, token.Place);
            else if (token.Is("("))
                value = new Invocation(value, ReadArguments(), token.Place);
            else
                return value;
        }
    }

    /// <summary>Filters and tests, and calls of what they give.</summary>
    public Expression ReadFilters(Expression value)
    {
        while (true)
        {
            var token = reader.Current;
            if (token.Is("|"))
                value = ReadFilter(value);
            else if (reader.Skip("is"))
                value = ReadTest(value, token.Place);
            else if (token.Is("("))
                value = new Invocation(value, ReadArguments(), token.Place);
            else
                return value;
        }
    }

    /// <summary>Filters of a block, which stand without a value before them; the first one without a bar.</summary>
    public IReadOnlyList<Filtered> ReadBlockFilters(bool first)
    {
        var filters = new List<Filtered>();
        if (first)
            filters.Add(ReadNamedFilter(null));
        while (reader.Current.Is("|"))
            filters.Add(ReadFilter(null));
        return filters;
    }

    public Arguments ReadArguments()
    {
        reader.Expect("(");
        var (positional, named) = (new List<Expression>(), new List<(string, Expression)>());
        Expression? morePositional = null, moreNamed = null;
        while (!reader.Current.Is(")"))
        {
            var place = reader.Current.Place;
            if (reader.Skip("*"))
                morePositional = expressions.Read();
            else if (reader.Skip("**"))
                moreNamed = expressions.Read();
            else if (reader.Current.Type == TokenType.Name && reader.Following.Is("="))
                named.Add((ReadName(), expressions.Read()));
            else if (named.Count == 0 && moreNamed is null)
                positional.Add(expressions.Read());
            else
                throw new JinjaException("an argument without a name stands behind one with a name.", place);
            if (!reader.Skip(","))
                break;
        }
        reader.Expect(")");
        return new Arguments(positional, named, morePositional, moreNamed);
    }

    private string ReadName()
    {
        string name = reader.Next().Value;
        reader.Expect("=");
        return name;
    }

    private Expression ReadDot(Expression value, Place place)
    {
        if (reader.Current.Type == TokenType.Integer)
            return new ItemOf(value, new Constant(ExpressionParser.Whole(reader.Next()), place), place);
        return new AttributeOf(value, reader.Expect(TokenType.Name, "the name of an attribute").Value, place);
    }

    private Expression ReadBrackets(Expression value, Place place)
    {
        var start = reader.Current.Is(":") ? null : expressions.Read();
        if (!reader.Skip(":"))
        {
            reader.Expect("]");
            return new ItemOf(value, start!, place);
        }
        var stop = ReadBound();
        var step = reader.Skip(":") ? ReadBound() : null;
        reader.Expect("]");
        return new SliceOf(value, start, stop, step, place);
    }

    private Expression? ReadBound() => reader.Current.Is(":") || reader.Current.Is("]") ? null : expressions.Read();

    private Filtered ReadFilter(Expression? subject)
    {
        reader.Expect("|");
        return ReadNamedFilter(subject);
    }

    private Filtered ReadNamedFilter(Expression? subject)
    {
        var place = reader.Current.Place;
        string name = ReadDotted("the name of a filter");
        return new Filtered(subject, name, reader.Current.Is("(") ? ReadArguments() : Arguments.None, place);
    }

    private Tested ReadTest(Expression subject, Place place)
    {
        bool negated = reader.Skip("not");
        string name = ReadDotted("the name of a test");
        var arguments = Arguments.None;
        if (reader.Current.Is("("))
            arguments = ReadArguments();
        else if (StartsArgument())
            arguments = Arguments.None with { Positional = [Read(expressions.ReadPrimary())] };
        return new Tested(subject, name, arguments, negated, place);
    }

    // A test may be given one argument without parentheses: x is divisibleby 3.
    private bool StartsArgument() => reader.Current switch
    {
        { Type: TokenType.Name, Value: "is" } token => throw new JinjaException("a test cannot follow a test; use parentheses.", token.Place),
        { Type: TokenType.Name, Value: var name } => name is not ("else" or "or" or "and" or "if" or "not" or "in"),
        { Type: TokenType.Text or TokenType.Integer or TokenType.Float } => true,
        { Type: TokenType.Sign, Value: "[" or "{" } => true,
        _ => false,
    };

    private string ReadDotted(string what)
    {
        string name = reader.Expect(TokenType.Name, what).Value;
        while (reader.Skip("."))
            name += "." + reader.Expect(TokenType.Name, what).Value;
        return name;
    }
}
