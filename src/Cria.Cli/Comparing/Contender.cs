using Cria.Cli.Recipes;
using Cria.Peft;

namespace Cria.Cli.Comparing;

/// <summary>One method with the recipe of its run.</summary>
internal sealed record Contender(MethodPreset Preset, Recipe Recipe)
{
    public string Name => Preset.Name;
}
