namespace Cria.Templates;

/// <summary>The variables of a block, over those of the blocks around it. What is set within a block is gone behind it.</summary>
internal sealed class Scope(Scope? around)
{
    private readonly Dictionary<string, Value> variables = [];

    public Value? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Around)
            if (scope.variables.TryGetValue(name, out var value))
                return value;
        return null;
    }

    public void Set(string name, Value value) => variables[name] = value;

    private Scope? Around => around;
}
