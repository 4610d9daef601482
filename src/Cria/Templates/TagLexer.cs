using System.Globalization;

namespace Cria.Templates;

/// <summary>Reads what stands within a tag: names, numbers, texts and signs.</summary>
internal sealed class TagLexer(SourceText source, List<Token> tokens, bool block)
{
    private static readonly string[] Signs =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{", "}", "=", ">", "<", "|", ",", ":", ".", ";"];

    private readonly string text = source.Text;
    private readonly Stack<char> open = [];
    private int position;

    /// <summary>Whether the tag ended in <c>-%}</c> or the like.</summary>
    public bool Signed { get; private set; }

    /// <summary>Reads to the end of the tag; returns the place behind it.</summary>
    public int Read(int start, Place tag)
    {
        position = start;
        while (true)
        {
            while (position < text.Length && Spaces.Is(text[position]))
                position++;
            if (position == text.Length)
                throw new JinjaException(block ? "the tag has no end: '%}' is missing." : "the tag has no end: '}}' is missing.", tag);
            if (open.Count == 0 && AtEnd())
                return position;
            ReadToken();
        }
    }

    private bool AtEnd()
    {
        string end = block ? "%}" : "}}";
        int signs = text[position] == '-' || block && text[position] == '+' ? 1 : 0;
        if (string.CompareOrdinal(text, position + signs, end, 0, 2) != 0)
            return false;
        Signed = signs == 1;
        Add(block ? TokenType.BlockEnd : TokenType.PrintEnd, "", signs + 2);
        return true;
    }

    private void ReadToken()
    {
        char c = text[position];
        if (c is '\'' or '"')
            ReadText(c);
        else if (char.IsAsciiDigit(c))
            ReadNumber();
        else if (char.IsLetter(c) || c == '_')
            Add(TokenType.Name, text[position..EndOf(position, at => char.IsLetterOrDigit(at) || at == '_')]);
        else
            ReadSign(c);
    }

    private void ReadSign(char c)
    {
        string sign = Signs.FirstOrDefault(sign => string.CompareOrdinal(text, position, sign, 0, sign.Length) == 0)
            ?? throw new JinjaException($"the character '{c}' is not known here.", source.PlaceOf(position));
        if (sign is "(" or "[" or "{")
            open.Push(sign[0]);
        else if (sign is ")" or "]" or "}" && (!open.TryPop(out char opened) || (opened, c) is not (('(', ')') or ('[', ']') or ('{', '}'))))
            throw new JinjaException($"'{c}' closes nothing.", source.PlaceOf(position));
        Add(TokenType.Sign, sign);
    }

    private void ReadText(char quote)
    {
        int end = position + 1;
        while (end < text.Length && text[end] != quote)
            end += text[end] == '\\' ? 2 : 1;
        if (end >= text.Length)
            throw new JinjaException($"the text has no end: {quote} is missing.", source.PlaceOf(position));
        Add(TokenType.Text, TextLiteral.Meaning(text[(position + 1)..end], source.PlaceOf(position)), end + 1 - position);
    }

    private void ReadNumber()
    {
        static bool IsDigit(char c) => char.IsAsciiDigit(c) || c == '_';
        if (text[position] == '0' && position + 1 < text.Length && text[position + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
        {
            ReadOtherBase();
            return;
        }
        int end = EndOf(position, IsDigit);
        bool real = false;
        // A number behind a dot is an index, as in items.0.1: it takes no fraction.
        bool index = tokens[^1].Is(".");
        if (!index && end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]))
            (real, end) = (true, EndOf(end + 1, IsDigit));
        int exponent = end < text.Length && text[end] is 'e' or 'E' ? end + 1 : text.Length;
        if (exponent < text.Length && text[exponent] is '+' or '-')
            exponent++;
        if (!index && exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            (real, end) = (true, EndOf(exponent, IsDigit));
        string digits = text[position..end].Replace("_", "", StringComparison.Ordinal);
        Add(real ? TokenType.Float : TokenType.Integer, digits, end - position);
    }

    private void ReadOtherBase()
    {
        int end = EndOf(position + 2, char.IsAsciiLetterOrDigit);
        string digits = text[(position + 2)..end];
        try
        {
            long number = Convert.ToInt64(digits, char.ToLowerInvariant(text[position + 1]) switch { 'x' => 16, 'o' => 8, _ => 2 });
            Add(TokenType.Integer, number.ToString(CultureInfo.InvariantCulture), end - position);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentOutOfRangeException)
        {
            throw new JinjaException($"'{text[position..Math.Min(end, position + 40)]}' is no number.", source.PlaceOf(position));
        }
    }

    private int EndOf(int from, Func<char, bool> belongs)
    {
        while (from < text.Length && belongs(text[from]))
            from++;
        return from;
    }

    private void Add(TokenType type, string value, int? length = null)
    {
        tokens.Add(new Token(type, value, source.PlaceOf(position)));
        position += length ?? value.Length;
    }
}
