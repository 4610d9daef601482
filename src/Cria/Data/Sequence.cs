namespace Cria.Data;

/// <summary>What goes through the model as one: an example, or several packed one after another.</summary>
public sealed class Sequence(IReadOnlyList<Example> examples)
{
    /// <summary>The examples, in order. None sees another.</summary>
    public IReadOnlyList<Example> Examples { get; } = examples;

    /// <summary>Tokens of all examples.</summary>
    public int Length => Examples.Sum(example => example.Tokens.Count);

    /// <summary>Whether any of its examples shows an image.</summary>
    public bool ShowsImages => Examples.Any(example => example.Image is not null);

    /// <summary>Supervised tokens of all examples.</summary>
    public int SupervisedTokens => Examples.Sum(example => example.SupervisedTokens);
}
