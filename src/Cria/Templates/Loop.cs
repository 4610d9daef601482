namespace Cria.Templates;

/// <summary>The variable <c>loop</c> within a <c>for</c>.</summary>
internal sealed class Loop(IReadOnlyList<Value> items, int depth) : Value
{
    private Value? changed;

    public override string Kind => "a loop";

    /// <summary>The element at hand, from 0.</summary>
    public int Index { get; set; }

    /// <summary>Of a recursive loop: its body over other elements.</summary>
    public Func<Value, Text>? Again { get; set; }

    public Value? Member(string name) => name switch
    {
        "index" => new Integer(Index + 1),
        "index0" => new Integer(Index),
        "revindex" => new Integer(items.Count - Index),
        "revindex0" => new Integer(items.Count - Index - 1),
        "first" => Bool.Of(Index == 0),
        "last" => Bool.Of(Index == items.Count - 1),
        "length" => new Integer(items.Count),
        "depth" => new Integer(depth),
        "depth0" => new Integer(depth - 1),
        "previtem" => Index > 0 ? items[Index - 1] : new Undefined("'previtem' of the first round"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("'nextitem' of the last round"),
        "cycle" => new Callable("loop.cycle", Cycle),
        "changed" => new Callable("loop.changed", Changed),
        _ => null,
    };

    private Value Cycle(Call call) => call.Positional.Count > 0
        ? call.Positional[Index % call.Positional.Count]
        : throw new JinjaException("loop.cycle needs values to go through.");

    private Bool Changed(Call call)
    {
        var now = new ListValue([.. call.Positional], isTuple: true);
        bool differs = !now.Equals(changed);
        changed = now;
        return Bool.Of(differs);
    }
}
