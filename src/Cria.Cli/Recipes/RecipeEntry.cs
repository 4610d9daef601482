namespace Cria.Cli.Recipes;

/// <summary>One setting as it was given.</summary>
/// <param name="Path">Section and key: <c>train.learning_rate</c>.</param>
/// <param name="Typed">The key as the user typed it, with which a message about it starts.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Origin">Where: <c>recipe.yaml, line 12</c> or <c>command line</c>.</param>
internal sealed record RecipeEntry(string Path, string Typed, RecipeValue Value, string Origin);

/// <summary>A text, a list of texts, texts with names, or nothing: what YAML can say about one key here. Its type is the setting's business.</summary>
internal sealed record RecipeValue(string? Text, IReadOnlyList<string>? List = null, IReadOnlyDictionary<string, string>? Pairs = null)
{
    public static RecipeValue Nothing { get; } = new((string?)null);

    public bool IsNothing => Text is null && List is null && Pairs is null;

    public override string ToString() => Pairs is not null ? $"{{{string.Join(", ", Pairs.Select(pair => $"{pair.Key}: {pair.Value}"))}}}" : List is null ? Text ?? "" : $"[{string.Join(", ", List)}]";
}
