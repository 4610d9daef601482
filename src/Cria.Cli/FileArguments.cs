using System.CommandLine;
using System.CommandLine.Parsing;

namespace Cria.Cli;

/// <summary>Options that name files, checked before any work begins: a model that took minutes to load is no moment to learn of a mistyped path.</summary>
internal static class FileArguments
{
    // What may be empty: words to a model, not the name of anything.
    private static readonly string[] Texts = ["PROMPT", "TEXT", "IDS"];

    /// <summary>The file is read: it must be there.</summary>
    public static Option<string?> Read(this Option<string?> option)
    {
        option.Validators.Add(result =>
        {
            if (Typed(result) is not { } path || File.Exists(path))
                return;
            result.AddError(Directory.Exists(path) ? $"{option.Name}: {path} is a folder; name a file." : $"{option.Name}: there is no file {path}.");
        });
        return option;
    }

    /// <summary>The file is written: its folder must be there.</summary>
    public static Option<string?> Written(this Option<string?> option)
    {
        option.Validators.Add(result =>
        {
            if (Typed(result) is not { } path)
                return;
            if (Directory.Exists(path))
                result.AddError($"{option.Name}: {path} is a folder; name a file.");
            else if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
                result.AddError($"{option.Name}: {path} cannot be written: there is no folder {folder}.");
        });
        return option;
    }

    /// <summary>Names that were typed as nothing, as an unset variable of a shell leaves them.</summary>
    public static IReadOnlyList<string> Empty(ParseResult parsed) =>
        [.. parsed.CommandResult.Children.Where(child => child.Tokens.Any(token => token.Value.Length == 0)).Select(NameOf).Where(name => name is not null).Select(name => $"{name}: is empty.")];

    private static string? NameOf(SymbolResult result) => result switch
    {
        ArgumentResult { Argument: var argument } when !Texts.Contains(argument.Name) => argument.Name,
        OptionResult { Option: var option } when !Texts.Contains(option.HelpName) => option.Name,
        _ => null,
    };

    private static string? Typed(OptionResult result) => result.Tokens is [{ Value: { Length: > 0 } path }, ..] ? path : null;
}
