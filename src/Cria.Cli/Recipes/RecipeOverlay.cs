using Cria.Peft;

namespace Cria.Cli.Recipes;

/// <summary>What stands in place of a part of a recipe, when one recipe serves several methods.</summary>
/// <param name="Method">The method, with its settings so far.</param>
/// <param name="Keeps">Which of the recipe's own settings hold.</param>
/// <param name="More">Settings in place of the recipe's.</param>
internal sealed record RecipeOverlay(PeftOptions Method, Func<RecipeEntry, bool> Keeps, IReadOnlyList<RecipeEntry> More);
