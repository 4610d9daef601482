using System.Globalization;
using System.Numerics;

namespace Cria.Templates;

/// <summary>Reads expressions. Each method knows one level: what binds weaker stands above.</summary>
internal sealed class ExpressionParser
{
    private readonly TokenReader reader;
    private readonly PostfixParser postfix;

    public ExpressionParser(TokenReader reader) => (this.reader, postfix) = (reader, new PostfixParser(reader, this));

    public PostfixParser Postfix => postfix;

    /// <summary>Reads a text that is one expression and nothing else.</summary>
    public static Expression ReadAlone(string text)
    {
        var reader = new TokenReader(Lexer.Read($"{{{{{text}}}}}"));
        reader.Next();
        var expression = new ExpressionParser(reader).Read();
        reader.Expect(TokenType.PrintEnd, "'}}'");
        return reader.Current.Type == TokenType.End ? expression : throw reader.Unexpected("nothing more");
    }

    /// <summary>Any expression.</summary>
    public Expression Read() => reader.Nested(() =>
    {
        var value = ReadOr();
        while (reader.Current is { } sign && reader.Skip("if"))
        {
            var condition = ReadOr();
            value = new Conditional(value, condition, reader.Skip("else") ? Read() : null, sign.Place);
        }
        return value;
    });

    /// <summary>Any expression but <c>a if b else c</c>, for places where an <c>if</c> may follow.</summary>
    public Expression ReadOr()
    {
        var left = ReadAnd();
        while (reader.Current is { } sign && reader.Skip("or"))
            left = new Either(left, IsAnd: false, ReadAnd(), sign.Place);
        return left;
    }

    /// <summary>One expression, or several with commas between: those are a tuple.</summary>
    /// <param name="read">How to read each.</param>
    public Expression ReadTuple(Func<Expression> read)
    {
        var place = reader.Current.Place;
        var items = new List<Expression> { read() };
        bool tuple = false;
        while (reader.Skip(","))
        {
            tuple = true;
            if (reader.Current.Type is TokenType.BlockEnd or TokenType.PrintEnd || reader.Current.Is(")"))
                break;
            items.Add(read());
        }
        return tuple ? new ListOf(items, IsTuple: true, place) : items[0];
    }

    /// <summary>A literal, a name, or something in brackets.</summary>
    public Expression ReadPrimary()
    {
        var token = reader.Current;
        switch (token.Type)
        {
            case TokenType.Name:
                return Named(reader.Next());
            case TokenType.Text:
                return new Constant(new Text(ReadTexts()), token.Place);
            case TokenType.Integer:
                reader.Next();
                return new Constant(Whole(token), token.Place);
            case TokenType.Float:
                reader.Next();
                return new Constant(new Real(double.Parse(token.Value, CultureInfo.InvariantCulture)), token.Place);
            default:
                return token.Value switch
                {
                    "(" when token.Type is TokenType.Sign => ReadParentheses(),
                    "[" when token.Type is TokenType.Sign => ReadList(),
                    "{" when token.Type is TokenType.Sign => ReadMap(),
                    _ => throw reader.Unexpected("an expression"),
                };
        }
    }

    private Expression ReadAnd()
    {
        var left = ReadNot();
        while (reader.Current is { } sign && reader.Skip("and"))
            left = new Either(left, IsAnd: true, ReadNot(), sign.Place);
        return left;
    }

    private Expression ReadNot()
    {
        var place = reader.Current.Place;
        return reader.Skip("not") ? reader.Nested(() => new Not(ReadNot(), place)) : ReadComparison();
    }

    private Expression ReadComparison()
    {
        var first = ReadSum();
        var place = reader.Current.Place;
        var rest = new List<(string, Expression)>();
        while (ComparisonSign() is { } sign)
            rest.Add((sign, ReadSum()));
        return rest.Count == 0 ? first : new Compared(first, rest, place);
    }

    private string? ComparisonSign()
    {
        if (reader.Current.Is("not") && reader.Following.Is("in"))
        {
            reader.Next();
            reader.Next();
            return "not in";
        }
        return reader.Current is { Type: TokenType.Sign, Value: "==" or "!=" or "<" or "<=" or ">" or ">=" } or { Type: TokenType.Name, Value: "in" }
            ? reader.Next().Value
            : null;
    }

    private Expression ReadSum() => ReadCalculation(ReadJoined, "+", "-");

    private Expression ReadJoined()
    {
        var place = reader.Current.Place;
        var parts = new List<Expression> { ReadProduct() };
        while (reader.Skip("~"))
            parts.Add(ReadProduct());
        return parts.Count == 1 ? parts[0] : new Joined(parts, place);
    }

    private Expression ReadProduct() => ReadCalculation(ReadPower, "*", "/", "//", "%");

    // In Jinja a power goes from left to right, and binds weaker than the sign before it: -2**2 is 4.
    private Expression ReadPower() => ReadCalculation(() => ReadSigned(filters: true), "**");

    private Expression ReadCalculation(Func<Expression> operand, params string[] signs)
    {
        var left = operand();
        while (reader.Current.Type == TokenType.Sign && signs.Contains(reader.Current.Value))
        {
            var sign = reader.Next();
            left = new Calculated(left, sign.Value, operand(), sign.Place);
        }
        return left;
    }

    private Expression ReadSigned(bool filters)
    {
        var token = reader.Current;
        var value = reader.Skip("-") || reader.Skip("+")
            ? reader.Nested(() => new Signed(token.Value, ReadSigned(filters: false), token.Place))
            : ReadPrimary();
        value = postfix.Read(value);
        return filters ? postfix.ReadFilters(value) : value;
    }

    private static Expression Named(Token name) => name.Value switch
    {
        "true" or "True" => new Constant(Bool.True, name.Place),
        "false" or "False" => new Constant(Bool.False, name.Place),
        "none" or "None" => new Constant(None.Value, name.Place),
        _ => new Variable(name.Value, name.Place),
    };

    private string ReadTexts()
    {
        string text = reader.Next().Value;
        while (reader.Current.Type == TokenType.Text)
            text += reader.Next().Value;
        return text;
    }

    public static Integer Whole(Token token)
    {
        if (token.Value.Length > 300)
            throw new JinjaException("the number is too long.", token.Place);
        return new Integer(BigInteger.Parse(token.Value, CultureInfo.InvariantCulture));
    }

    private Expression ReadParentheses()
    {
        var open = reader.Next();
        var value = reader.Current.Is(")") ? new ListOf([], IsTuple: true, open.Place) : ReadTuple(Read);
        reader.Expect(")");
        return value;
    }

    private ListOf ReadList()
    {
        var open = reader.Next();
        var items = new List<Expression>();
        while (!reader.Current.Is("]"))
        {
            items.Add(Read());
            if (!reader.Skip(","))
                break;
        }
        reader.Expect("]");
        return new ListOf(items, IsTuple: false, open.Place);
    }

    private MapOf ReadMap()
    {
        var open = reader.Next();
        var pairs = new List<(Expression, Expression)>();
        while (!reader.Current.Is("}"))
        {
            var key = Read();
            reader.Expect(":");
            pairs.Add((key, Read()));
            if (!reader.Skip(","))
                break;
        }
        reader.Expect("}");
        return new MapOf(pairs, open.Place);
    }
}
