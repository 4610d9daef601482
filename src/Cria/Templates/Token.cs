namespace Cria.Templates;

/// <summary>What a token is.</summary>
internal enum TokenType
{
    Data,
    BlockBegin,
    BlockEnd,
    PrintBegin,
    PrintEnd,
    Name,
    Text,
    Integer,
    Float,
    Sign,
    End,
}

/// <summary>A piece of a template's source.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Value">A name or a sign as it stands; of a text literal, what it means.</param>
/// <param name="Place">Where it begins.</param>
internal readonly record struct Token(TokenType Type, string Value, Place Place)
{
    public bool Is(string nameOrSign) => Type is TokenType.Name or TokenType.Sign && Value == nameOrSign;

    public override string ToString() => Type switch
    {
        TokenType.Data => "text outside of tags",
        TokenType.BlockBegin => "'{%'",
        TokenType.BlockEnd => "'%}'",
        TokenType.PrintBegin => "'{{'",
        TokenType.PrintEnd => "'}}'",
        TokenType.Text => "a text",
        TokenType.End => "the end of the template",
        _ => $"'{Excerpt.Of(Value, 40)}'",
    };
}
