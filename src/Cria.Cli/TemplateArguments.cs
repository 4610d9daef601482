using System.CommandLine;
using System.CommandLine.Parsing;
using Cria.Cli.Recipes;
using Cria.Tokenizers;

namespace Cria.Cli;

/// <summary>How a conversation is put to the model: <c>--template</c> and <c>--system</c>.</summary>
internal sealed class TemplateArguments(ModelOptions model)
{
    private readonly Option<string?> template = new("--template")
    {
        Description = $"The chat template: {ChatTemplate.Own} (the model's own), {string.Join(", ", ChatTemplate.All.Select(one => one.Name))}. "
            + "[default: what the adapter was trained with, or else the model's own]",
        HelpName = "NAME",
    };

    private readonly Option<string?> system = new("--system") { Description = "A system message, which stands before the first question.", HelpName = "TEXT" };

    public void AddTo(Command command)
    {
        command.Add(template);
        command.Add(system);
    }

    /// <summary>The system message; null for none.</summary>
    public string? System(ParseResult parsed) => parsed.GetValue(system);

    public bool IsGiven(CommandResult result) => result.GetValue(template) is not null || result.GetValue(system) is not null;

    private bool NamesTemplate(ParseResult parsed) => parsed.GetValue(template) is not null;

    /// <summary>The template to use: the one named, or that of the adapters, or the model's own.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public ChatTemplate Choose(ParseResult parsed, ChatTemplate own, Terminal terminal) => Choose(parsed, parsed.GetValue(model.Adapters) ?? [], own, terminal);

    /// <summary>The same with other adapters than those that were named on the command line.</summary>
    public ChatTemplate Choose(ParseResult parsed, IEnumerable<string> adapters, ChatTemplate own, Terminal terminal)
    {
        if (parsed.GetValue(template) is { } name && name != ChatTemplate.Own)
            return ChatTemplate.Parse(name) ?? throw Unknown(name);
        if (!NamesTemplate(parsed) && adapters.Select(ModelOptions.PathOf).Select(TrainedTemplate.Of).FirstOrDefault(found => found is not null) is { } trained)
            return trained;
        if (own.Warning is { } warning)
            terminal.Error.WriteLine(warning);
        return own;
    }

    private static UsageException Unknown(string name)
    {
        var problems = new Problems();
        problems.UnlessOneOf("--template", name, [ChatTemplate.Own, .. ChatTemplate.All.Select(one => one.Name)]);
        return new UsageException(problems.Found[0]);
    }
}
