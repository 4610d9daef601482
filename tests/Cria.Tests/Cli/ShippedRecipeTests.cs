using Cria.Cli.Recipes;

namespace Cria.Tests.Cli;

public class ShippedRecipeTests
{
    public static TheoryData<string> Recipes => [.. Directory.EnumerateFiles(Path.Combine(TestData.Checkout, "recipes"), "*.yaml").Select(Path.GetFileName).OfType<string>()];

    [Theory, MemberData(nameof(Recipes))]
    public void A_recipe_that_ships_has_no_mistake(string name)
    {
        var recipe = RecipeReader.Read(Path.Combine(TestData.Checkout, "recipes", name), ["model=cria-tiny", "data.train=records.jsonl"]);

        Assert.StartsWith("runs/", recipe.Run.Out, StringComparison.Ordinal);
    }
}
