namespace Cria.Cli.Chat;

/// <summary>Reads what the user says, line by line. Three quotation marks begin and end a message of several lines.</summary>
internal sealed class ChatInput(Terminal terminal)
{
    private const string Quotes = "\"\"\"";

    /// <summary>The next message or command; null at the end.</summary>
    public string? Read()
    {
        string? line = Line(">>> ");
        if (line is null || !Opens(line, out int start))
            return line?.Trim();
        string before = line[..start], rest = line[(start + Quotes.Length)..];
        var lines = new List<string>();
        while (!rest.TrimEnd().EndsWith(Quotes, StringComparison.Ordinal))
        {
            lines.Add(rest);
            if (Line("... ") is not { } next)
                return before + string.Join('\n', lines);
            rest = next;
        }
        lines.Add(rest.TrimEnd()[..^Quotes.Length]);
        return before + string.Join('\n', lines);
    }

    // At the start of a line, or behind the command that sets the system message.
    private static bool Opens(string line, out int start)
    {
        start = line.IndexOf(Quotes, StringComparison.Ordinal);
        return start == 0 || start > 0 && line.StartsWith("/system ", StringComparison.Ordinal) && string.IsNullOrWhiteSpace(line[7..start]);
    }

    private string? Line(string mark)
    {
        if (terminal.Typed)
        {
            terminal.Error.Write(mark);
            terminal.Error.Flush();
        }
        return terminal.In.ReadLine();
    }
}
