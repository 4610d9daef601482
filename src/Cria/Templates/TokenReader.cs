namespace Cria.Templates;

/// <summary>Goes through the tokens of a template, for the parsers.</summary>
internal sealed class TokenReader(IReadOnlyList<Token> tokens)
{
    private int position;
    private int depth;

    public Token Current => tokens[position];

    public Token Following => tokens[Math.Min(position + 1, tokens.Count - 1)];

    public Token Next() => tokens[position < tokens.Count - 1 ? position++ : position];

    /// <summary>Goes on if this name or sign stands here.</summary>
    public bool Skip(string nameOrSign)
    {
        if (!Current.Is(nameOrSign))
            return false;
        Next();
        return true;
    }

    public Token Expect(string nameOrSign) => Current.Is(nameOrSign) ? Next() : throw Unexpected($"'{nameOrSign}'");

    public Token Expect(TokenType type, string what) => Current.Type == type ? Next() : throw Unexpected(what);

    public JinjaException Unexpected(string expected) => new($"expected {expected}, found {Current}.", Current.Place);

    /// <summary>One level deeper; the template may not be nested without end.</summary>
    public T Nested<T>(Func<T> parse)
    {
        if (++depth > Budget.MostDepth)
            throw new JinjaException($"the template is nested deeper than {Budget.MostDepth} levels.", Current.Place);
        var parsed = parse();
        depth--;
        return parsed;
    }
}
