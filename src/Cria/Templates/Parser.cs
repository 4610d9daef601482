namespace Cria.Templates;

/// <summary>Reads a template's statements.</summary>
internal sealed class Parser
{
    private readonly TokenReader reader;
    private readonly ExpressionParser expressions;
    private readonly BlockParser blocks;

    private Parser(IReadOnlyList<Token> tokens)
    {
        reader = new TokenReader(tokens);
        expressions = new ExpressionParser(reader);
        blocks = new BlockParser(reader, expressions, this);
    }

    /// <summary>Whether a round of a loop stands around: only there may one break off or go on.</summary>
    public bool InLoop { get; set; }

    /// <exception cref="JinjaException">The source is no template, or uses what is not known.</exception>
    public static Block Read(string source)
    {
        var parser = new Parser(Lexer.Read(source));
        var body = parser.ReadBlock();
        return parser.reader.Current.Type == TokenType.End ? body : throw parser.Unknown();
    }

    /// <summary>Statements up to a tag that is none of them, such as <c>{% endif %}</c>: its name is the current token then.</summary>
    public Block ReadBlock() => reader.Nested(() =>
    {
        var statements = new List<Statement>();
        while (ReadStatement() is { } statement)
            statements.Add(statement);
        return new Block(statements);
    });

    /// <summary>Statements, then a tag of that name to its end.</summary>
    public Block ReadBody(string end, Place begin)
    {
        var body = ReadBlock();
        Close(end, begin);
        EndTag();
        return body;
    }

    /// <summary>Expects the tag that ends a block.</summary>
    public void Close(string end, Place begin)
    {
        if (reader.Current.Type == TokenType.End)
            throw new JinjaException($"the block has no end: '{{% {end} %}}' is missing.", begin);
        if (!reader.Skip(end))
            throw Unknown();
    }

    public void EndTag() => reader.Expect(TokenType.BlockEnd, "'%}'");

    private Statement? ReadStatement()
    {
        var token = reader.Current;
        switch (token.Type)
        {
            case TokenType.Data:
                reader.Next();
                return new Output(new Text(token.Value), token.Place);
            case TokenType.PrintBegin:
                reader.Next();
                var value = expressions.ReadTuple(expressions.Read);
                reader.Expect(TokenType.PrintEnd, "'}}'");
                return new Print(value, token.Place);
            case TokenType.BlockBegin:
                reader.Next();
                return ReadTag(token.Place);
            default:
                return null;
        }
    }

    private Statement? ReadTag(Place place)
    {
        string name = reader.Current.Type == TokenType.Name ? reader.Current.Value : throw reader.Unexpected("the name of a tag");
        Func<Place, Statement>? read = name switch
        {
            "if" => blocks.ReadIf,
            "for" => blocks.ReadFor,
            "set" => blocks.ReadSet,
            "macro" => blocks.ReadMacro,
            "call" => blocks.ReadCall,
            "filter" => blocks.ReadFilter,
            "with" => blocks.ReadWith,
            "generation" => blocks.ReadGeneration,
            "break" or "continue" => at => blocks.ReadJump(at, name == "break"),
            _ => null,
        };
        if (read is null)
            return null;
        reader.Next();
        return read(place);
    }

    private JinjaException Unknown()
    {
        string name = reader.Current.Value;
        string reason = name switch
        {
            "include" or "import" or "from" or "extends" or "block" => "a template of a model stands alone.",
            "else" or "elif" => "it stands behind no 'if' or 'for'.",
            _ when name.StartsWith("end", StringComparison.Ordinal) => "no block of that kind is open here.",
            _ => "it is none of if, for, set, macro, call, filter, with, generation, raw, break and continue.",
        };
        return new JinjaException($"the tag '{Excerpt.Of(name, 40)}' is not known here: {reason}", reader.Current.Place);
    }
}
