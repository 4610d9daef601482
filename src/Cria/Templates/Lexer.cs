using System.Text.RegularExpressions;

namespace Cria.Templates;

/// <summary>Cuts a template into text, and the tokens within its tags.</summary>
/// <remarks>
/// White space as transformers sets it: <c>trim_blocks</c> (the line end behind a block tag or comment falls away) and <c>lstrip_blocks</c> (so
/// does the white space before one on its line). <c>-</c> takes all white space on its side, <c>+</c> leaves it.
/// </remarks>
internal sealed partial class Lexer
{
    private readonly SourceText source;
    private readonly string text;
    private readonly List<Token> tokens = [];
    private int position;
    private bool lineStarts = true;

    private Lexer(SourceText source) => (this.source, text) = (source, source.Text);

    public static IReadOnlyList<Token> Read(string template)
    {
        var lexer = new Lexer(new SourceText(template));
        lexer.Run();
        return lexer.tokens;
    }

    private void Run()
    {
        while (position < text.Length)
        {
            int tag = NextTag();
            if (tag < 0)
            {
                AddData(position, text.Length);
                position = text.Length;
                break;
            }
            AddDataBefore(tag);
            position = tag;
            ReadTag();
        }
        tokens.Add(new Token(TokenType.End, "", source.PlaceOf(text.Length)));
    }

    private int NextTag()
    {
        for (int at = position; (at = text.IndexOf('{', at)) >= 0; at++)
            if (at + 1 < text.Length && text[at + 1] is '%' or '{' or '#')
                return at;
        return -1;
    }

    private void AddDataBefore(int tag)
    {
        int end = tag;
        char sign = tag + 2 < text.Length ? text[tag + 2] : '\0';
        if (sign == '-')
        {
            while (end > position && Spaces.Is(text[end - 1]))
                end--;
        }
        else if (sign != '+' && text[tag + 1] != '{')
        {
            int line = end;
            while (line > position && text[line - 1] != '\n' && Spaces.Is(text[line - 1]))
                line--;
            if (line > position ? text[line - 1] == '\n' : lineStarts)
                end = line;
        }
        AddData(position, end);
    }

    private void AddData(int start, int end)
    {
        if (end > start)
            tokens.Add(new Token(TokenType.Data, text[start..end], source.PlaceOf(start)));
    }

    private void ReadTag()
    {
        if (text[position + 1] == '#')
            ReadComment();
        else if (text[position + 1] == '%' && RawBegin().Match(text, position) is { Success: true } raw)
            ReadRaw(raw);
        else
            ReadExpression(text[position + 1] == '%');
        lineStarts = position > 0 && text[position - 1] == '\n';
    }

    private void ReadComment()
    {
        int end = text.IndexOf("#}", position + 2, StringComparison.Ordinal);
        if (end < 0)
            throw new JinjaException("the comment has no end: '#}' is missing.", source.PlaceOf(position));
        char sign = end - 1 >= position + 2 ? text[end - 1] : '\0';
        position = end + 2;
        SkipBehind(sign, block: true);
    }

    private void ReadRaw(Match raw)
    {
        var end = RawEnd().Match(text, raw.Index + raw.Length);
        if (!end.Success)
            throw new JinjaException("'raw' has no end: '{% endraw %}' is missing.", source.PlaceOf(position));
        (position, lineStarts) = (raw.Index + raw.Length, text[raw.Index + raw.Length - 1] == '\n');
        AddDataBefore(end.Index);
        position = end.Index + end.Length - 2;
        char sign = text[position - 1];
        position += 2;
        SkipBehind(sign, block: true);
    }

    private void ReadExpression(bool block)
    {
        var place = source.PlaceOf(position);
        tokens.Add(new Token(block ? TokenType.BlockBegin : TokenType.PrintBegin, "", place));
        position += 2;
        if (position < text.Length && text[position] is '-' or '+')
            position++;
        var tag = new TagLexer(source, tokens, block);
        position = tag.Read(position, place);
        char sign = text[position - 3];
        SkipBehind(tag.Signed ? sign : '\0', block);
    }

    // Behind a tag: all white space after '-', one line end after a block or a comment.
    private void SkipBehind(char sign, bool block)
    {
        if (sign == '-')
        {
            while (position < text.Length && Spaces.Is(text[position]))
                position++;
        }
        else if (block && sign != '+' && position < text.Length && text[position] == '\n')
        {
            position++;
        }
    }

    [GeneratedRegex(@"\G\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})")]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%[-+]?\s*endraw\s*[-+]?%\}")]
    private static partial Regex RawEnd();
}
