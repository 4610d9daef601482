using System.Text.Json.Serialization.Metadata;
using Cria.Peft;

namespace Cria.Cli.Recipes;

/// <summary>The keys of one section of a recipe: those of an options record of the library.</summary>
internal sealed class Section(string name, object record, JsonTypeInfo type)
{
    /// <summary>The section's name in a recipe; empty for the keys that stand outside of every section.</summary>
    public string Name { get; } = name;

    /// <summary>The record, with its defaults until settings were given.</summary>
    public object Record { get; } = record;

    /// <summary>In the order in which the record declares them, which is that of the documentation.</summary>
    public IReadOnlyList<Setting> Settings { get; } = [.. type.Properties.Where(property => property.Set is not null).Select(property => new Setting(name, property))];

    /// <summary>The section of a method, whatever its settings.</summary>
    public static Section Of(PeftOptions options) =>
        new("peft", options, PeftJson.Default.GetTypeInfo(options.GetType()) ?? throw new InvalidOperationException($"{options.GetType().Name} is not in the catalogue of methods."));
}
