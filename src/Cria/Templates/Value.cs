namespace Cria.Templates;

/// <summary>A value of a template. There are only those that JSON has, and what the language itself needs: no object of the program can get in.</summary>
internal abstract class Value
{
    /// <summary>How error messages call it.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether it counts as true, as in Python.</summary>
    public virtual bool IsTrue => true;

    /// <summary>How many values it holds, itself included.</summary>
    public virtual long Size => 1;

    /// <summary>How deep lists and maps are nested in it.</summary>
    public virtual int Depth => 0;
}

/// <summary>A name or an attribute that nobody set. It prints as nothing and counts as false; most other uses are errors.</summary>
/// <param name="name">What was asked for.</param>
internal sealed class Undefined(string name) : Value
{
    public override string Kind => "nothing";

    public override bool IsTrue => false;

    public JinjaException Error() => new($"{name} is not defined.");

    public override bool Equals(object? other) => other is Undefined;

    public override int GetHashCode() => 0;
}

/// <summary>Python's None, JSON's null.</summary>
internal sealed class None : Value
{
    public static readonly None Value = new();

    private None()
    {
    }

    public override string Kind => "none";

    public override bool IsTrue => false;
}

/// <summary>What <c>namespace()</c> makes: the one thing that a template can change.</summary>
internal sealed class Namespace(Dictionary<string, Value> members) : Value
{
    public override string Kind => "a namespace";

    public Value? this[string name] => members.GetValueOrDefault(name);

    public void Set(string name, Value value) => members[name] = value;
}
