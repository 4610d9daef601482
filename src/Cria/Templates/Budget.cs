using System.Runtime.CompilerServices;

namespace Cria.Templates;

/// <summary>What one rendering may spend. A template comes with a model from strangers: whatever it does, it ends soon and in little memory.</summary>
/// <remarks>The most of anything that a template of an honest model needs lies a hundred times below.</remarks>
internal sealed class Budget(long steps = 3_000_000, long characters = 32_000_000)
{
    /// <summary>The most values in one list or map, all levels counted.</summary>
    public const int MostValues = 1_000_000;

    /// <summary>How deep expressions, blocks, values and calls may be nested.</summary>
    public const int MostDepth = 200;

    private int depth;

    public void Spend(long count = 1)
    {
        steps -= count;
        if (steps < 0)
            throw new JinjaException("the template takes too many steps: it may never end.");
    }

    public void SpendCharacters(int count)
    {
        characters -= count;
        if (characters < 0)
            throw new JinjaException("the template makes too much text.");
        Spend();
    }

    public void Enter()
    {
        if (++depth > MostDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JinjaException($"the template is nested deeper than {MostDepth} levels.");
    }

    public void Leave() => depth--;
}
