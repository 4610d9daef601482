namespace Cria.Templates;

/// <summary>Reads each kind of tag, from behind its name.</summary>
internal sealed class BlockParser(TokenReader reader, ExpressionParser expressions, Parser parser)
{
    public Statement ReadIf(Place place)
    {
        var branches = new List<(Expression, Block)>();
        do
        {
            var condition = expressions.ReadTuple(expressions.ReadOr);
            parser.EndTag();
            branches.Add((condition, parser.ReadBlock()));
        }
        while (reader.Skip("elif"));
        return new If(branches, ReadElse("endif", place), place);
    }

    public Statement ReadFor(Place place)
    {
        var target = ReadTargets();
        reader.Expect("in");
        var items = expressions.ReadTuple(expressions.ReadOr);
        var condition = reader.Skip("if") ? expressions.Read() : null;
        bool recursive = reader.Skip("recursive");
        parser.EndTag();
        var body = Within(loop: true, parser.ReadBlock);
        return new For(target, items, condition, recursive, body, ReadElse("endfor", place), place);
    }

    public Statement ReadSet(Place place)
    {
        var target = ReadTargets();
        if (reader.Skip("="))
        {
            var value = expressions.ReadTuple(expressions.Read);
            parser.EndTag();
            return new Set(target, value, place);
        }
        var filters = expressions.Postfix.ReadBlockFilters(first: false);
        parser.EndTag();
        return new SetBlock(target, filters, parser.ReadBody("endset", place), place);
    }

    public Statement ReadMacro(Place place)
    {
        string name = reader.Expect(TokenType.Name, "the name of a macro").Value;
        var parameters = ReadParameters();
        parser.EndTag();
        return new Macro(name, parameters, Within(loop: false, () => parser.ReadBody("endmacro", place)), place);
    }

    public Statement ReadCall(Place place)
    {
        var parameters = reader.Current.Is("(") ? ReadParameters() : [];
        var called = expressions.Read();
        parser.EndTag();
        if (called is not Invocation invocation)
            throw new JinjaException("'call' takes a call, such as name().", place);
        return new CallBlock(parameters, invocation, Within(loop: false, () => parser.ReadBody("endcall", place)), place);
    }

    public Statement ReadFilter(Place place)
    {
        var filters = expressions.Postfix.ReadBlockFilters(first: true);
        parser.EndTag();
        return new FilterBlock(filters, parser.ReadBody("endfilter", place), place);
    }

    public Statement ReadWith(Place place)
    {
        var variables = new List<(Target, Expression)>();
        while (reader.Current.Type == TokenType.Name)
        {
            var target = ReadTarget();
            reader.Expect("=");
            variables.Add((target, expressions.Read()));
            if (!reader.Skip(","))
                break;
        }
        parser.EndTag();
        return new With(variables, parser.ReadBody("endwith", place), place);
    }

    public Statement ReadGeneration(Place place)
    {
        parser.EndTag();
        return new Generation(Within(loop: false, () => parser.ReadBody("endgeneration", place)), place);
    }

    public Statement ReadJump(Place place, bool isBreak)
    {
        parser.EndTag();
        return parser.InLoop ? new Jump(isBreak, place) : throw new JinjaException($"'{(isBreak ? "break" : "continue")}' stands outside of a loop.", place);
    }

    private Block ReadElse(string end, Place place)
    {
        var otherwise = Block.Empty;
        if (reader.Skip("else"))
        {
            parser.EndTag();
            otherwise = parser.ReadBlock();
        }
        parser.Close(end, place);
        parser.EndTag();
        return otherwise;
    }

    private Block Within(bool loop, Func<Block> read)
    {
        bool before = parser.InLoop;
        parser.InLoop = loop;
        var body = read();
        parser.InLoop = before;
        return body;
    }

    private List<Parameter> ReadParameters()
    {
        reader.Expect("(");
        var parameters = new List<Parameter>();
        while (!reader.Current.Is(")"))
        {
            var place = reader.Current.Place;
            string name = reader.Expect(TokenType.Name, "the name of a parameter").Value;
            var otherwise = reader.Skip("=") ? expressions.Read() : null;
            if (otherwise is null && parameters is [.., { Otherwise: not null }])
                throw new JinjaException($"the parameter '{name}' without a default stands behind one that has one.", place);
            parameters.Add(new Parameter(name, otherwise));
            if (!reader.Skip(","))
                break;
        }
        reader.Expect(")");
        return parameters;
    }

    private Target ReadTargets()
    {
        var first = ReadTarget();
        if (!reader.Current.Is(","))
            return first;
        var parts = new List<Target> { first };
        while (reader.Skip(",") && !reader.Current.Is("in") && !reader.Current.Is("=") && !reader.Current.Is(")"))
            parts.Add(ReadTarget());
        return new Target("", null, parts, first.Place);
    }

    private Target ReadTarget()
    {
        if (reader.Current.Is("("))
        {
            reader.Next();
            var inner = reader.Nested(ReadTargets);
            reader.Expect(")");
            return inner;
        }
        var name = reader.Expect(TokenType.Name, "the name of a variable");
        if (name.Value is "true" or "True" or "false" or "False" or "none" or "None")
            throw new JinjaException($"'{name.Value}' cannot be given a value.", name.Place);
        return new Target(name.Value, reader.Skip(".") ? reader.Expect(TokenType.Name, "the name of an attribute").Value : null, null, name.Place);
    }
}
