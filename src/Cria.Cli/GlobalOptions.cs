using System.CommandLine;
using System.CommandLine.Parsing;

namespace Cria.Cli;

/// <summary>Options that every verb understands.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> Device { get; } = new("--device")
    {
        Description = "Where to compute: cpu, cuda, or cuda:N for card N. [default: cuda where it works]",
        HelpName = "DEVICE",
        Recursive = true,
        Validators = { IsDevice },
    };

    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "How many threads compute. The results do not depend on it. [default: all cores]",
        HelpName = "N",
        Recursive = true,
        Validators = { result => AtLeast(result, 1) },
    };

    public Option<bool> Verbose { get; } = new("-v", "--verbose")
    {
        Description = "Say more: what is loaded and how long it takes; the stack trace of a failure.",
        Recursive = true,
    };

    public Option[] All => [Device, Threads, Verbose];

    /// <summary>Where to compute.</summary>
    public DeviceChoice DeviceOf(ParseResult parsed, Terminal terminal) => new(parsed.GetValue(Device), ThreadsOf(parsed), terminal);

    /// <summary>Says that a verb takes no card, where one was asked for.</summary>
    public void SayProcessorOnly(ParseResult parsed, Terminal terminal)
    {
        if (parsed.GetValue(Device) is { } device && device != DeviceChoice.Cpu)
            terminal.Error.WriteLine($"--device: {parsed.CommandResult.Command.Name} computes on the processor; {device} is not used.");
    }

    /// <summary>The number given, or 0 for one thread per core.</summary>
    public int ThreadsOf(ParseResult parsed) => parsed.GetValue(Threads);

    internal static void AtLeast(OptionResult result, int least)
    {
        if (result.GetValueOrDefault<int>() < least)
            result.AddError($"{result.Option.Name}: must be {least} or more, got {result.Tokens[^1].Value}.");
    }

    private static void IsDevice(OptionResult result)
    {
        if (result.GetValueOrDefault<string>() is { } device && !DeviceChoice.IsName(device))
            result.AddError($"--device: expected cpu, cuda or cuda:N, got {device}.");
    }
}
