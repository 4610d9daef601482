using Cria.Data;
using Cria.Peft;
using Cria.Training;

namespace Cria.Cli.Recipes;

/// <summary>The keys of a recipe that stand outside of every section.</summary>
internal sealed record RunOptions
{
    /// <summary>The base model.</summary>
    public string Model { get; set; } = "";

    /// <summary>The run folder.</summary>
    public string Out { get; set; } = "";

    /// <summary>An adapter to continue from instead of a fresh one.</summary>
    public string? InitAdapter { get; set; }
}

/// <summary>The keys under <c>base:</c>.</summary>
internal sealed record BaseOptions
{
    public const string Keep = "keep";

    /// <summary>The storage type that the frozen base is brought to at load, or <c>keep</c>.</summary>
    public string Type { get; set; } = Keep;

    /// <summary>Whether the base's linear layers stay in host memory, and come to the card block by block.</summary>
    public bool Stream { get; set; }
}

/// <summary>Everything that makes a run, resolved: what was given, and defaults for the rest.</summary>
internal sealed record Recipe(RunOptions Run, DataOptions Data, PeftOptions Peft, BaseOptions Base, TrainingOptions Train)
{
    /// <summary>Every key with its value, as a recipe spells it, and where it comes from.</summary>
    public required IReadOnlyList<ResolvedSetting> Settings { get; init; }

    /// <summary>The same run with the settings that an adapter brought along.</summary>
    /// <param name="options">The adapter's settings.</param>
    /// <param name="origin">Where they come from.</param>
    public Recipe With(PeftOptions options, string origin)
    {
        IEnumerable<ResolvedSetting> peft =
        [
            new("peft", RecipeReader.MethodKey, options.Method, origin),
            .. Section.Of(options).Settings.Select(setting => new ResolvedSetting("peft", setting.Key, setting.Text(options), origin)),
        ];
        var before = Settings.TakeWhile(setting => setting.Section != "peft");
        var after = Settings.SkipWhile(setting => setting.Section != "peft").SkipWhile(setting => setting.Section == "peft");
        return this with { Peft = options, Settings = [.. before, .. peft, .. after] };
    }

    /// <summary>The same run with the template named that its data were rendered with, so that whoever uses the adapter can ask as it was trained.</summary>
    public Recipe WithTemplate(string name) => this with
    {
        Settings = [.. Settings.Select(setting => setting is { Path: "data.template", Value: "auto" } ? setting with { Value = name } : setting)],
    };

    /// <summary>The same as a recipe that gives this run again.</summary>
    public string ToYaml()
    {
        var yaml = new System.Text.StringBuilder();
        string section = "";
        foreach (var setting in Settings)
        {
            if (setting.Section != section)
                yaml.Append(section = setting.Section).Append(":\n");
            yaml.Append(section.Length == 0 ? "" : "  ").Append(setting.Key).Append(": ").Append(setting.Value).Append('\n');
        }
        return yaml.ToString();
    }
}

/// <summary>One key of a recipe with the value that holds.</summary>
internal sealed record ResolvedSetting(string Section, string Key, string Value, string Origin)
{
    public string Path => Section.Length == 0 ? Key : $"{Section}.{Key}";
}
