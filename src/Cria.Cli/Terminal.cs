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
    public bool Typed { get; init; }

    /// <summary>The live display. It writes to <see cref="Error"/>, without colour where that is not a screen or NO_COLOR is set.</summary>
    public IAnsiConsole Display { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });

    /// <summary>What tells the date.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>What to do when somebody presses Ctrl-C: it returns whether it did something. If not, or where no verb has set it, the command ends.</summary>
    public Func<bool>? Interrupted { get; set; }

    public static Terminal Standard()
    {
        if (OperatingSystem.IsWindows())
            Console.OutputEncoding = Encoding.UTF8;
        var terminal = new Terminal(Console.In, Console.Out, Console.Error)
        {
            Live = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Colour = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "" && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Typed = !Console.IsInputRedirected,
        };
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel |= terminal.Interrupted?.Invoke() == true;
        return terminal;
    }
}
