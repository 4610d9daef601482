using System.Text;
using Spectre.Console;

namespace Cria.Cli;

/// <summary>Where the command reads and writes: answers go to <see cref="Out"/>, progress and errors to <see cref="Error"/>.</summary>
internal sealed class Terminal(TextReader input, TextWriter output, TextWriter error)
{
    public TextReader In { get; } = input;
    public TextWriter Out { get; } = output;
    public TextWriter Error { get; } = error;

    /// <summary>Whether <see cref="Error"/> is a screen that can be redrawn in place; otherwise progress is written as plain lines.</summary>
    public bool Live { get; private init; }

    /// <summary>Whether <see cref="Out"/> is a screen that shows colour.</summary>
    public bool Colour { get; private init; }

    /// <summary>Whether somebody types at <see cref="In"/>.</summary>
    public bool Typed { get; private init; }

    /// <summary>The live display. It writes to <see cref="Error"/>, without colour where that is not a screen or NO_COLOR is set.</summary>
    public IAnsiConsole Display { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });

    public static Terminal Standard()
    {
        if (OperatingSystem.IsWindows())
            Console.OutputEncoding = Encoding.UTF8;
        return new Terminal(Console.In, Console.Out, Console.Error)
        {
            Live = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Colour = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "" && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Typed = !Console.IsInputRedirected,
        };
    }
}
