using System.CommandLine;
using System.CommandLine.Parsing;

namespace Cria.Cli;

/// <summary>Options that every verb understands.</summary>
internal sealed class GlobalOptions
{
    public Option<string> Device { get; } = new("--device")
    {
        Description = "Where to compute: cpu.",
        HelpName = "DEVICE",
        Recursive = true,
        DefaultValueFactory = _ => "cpu",
        Validators = { OnlyCpu },
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

    /// <summary>The number given, or 0 for one thread per core.</summary>
    public int ThreadsOf(ParseResult parsed) => parsed.GetValue(Threads);

    internal static void AtLeast(OptionResult result, int least)
    {
        if (result.GetValueOrDefault<int>() < least)
            result.AddError($"{result.Option.Name}: must be {least} or more, got {result.Tokens[^1].Value}.");
    }

    private static void OnlyCpu(OptionResult result)
    {
        if (result.GetValueOrDefault<string>() is not "cpu" and { } device)
            result.AddError($"--device: '{device}' cannot be used; this version of Cria computes on the cpu only.");
    }
}
