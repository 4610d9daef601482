namespace Cria.Templates;

/// <summary>A function, a macro, or a method together with its value.</summary>
internal sealed class Callable(string name, Func<Call, Value> body) : Value
{
    public override string Kind => "a function";

    public string Name => name;

    public Value Invoke(Call call) => body(call);
}

/// <summary>One call of a function, method, filter or test.</summary>
/// <param name="Name">What is called, for messages.</param>
/// <param name="Positional">The arguments without names.</param>
/// <param name="Named">The arguments with names.</param>
/// <param name="Evaluator">Who calls.</param>
internal sealed record Call(string Name, IReadOnlyList<Value> Positional, IReadOnlyDictionary<string, Value> Named, Evaluator Evaluator)
{
    public static readonly IReadOnlyDictionary<string, Value> NoNames = new Dictionary<string, Value>();

    public Budget Budget => Evaluator.Budget;

    /// <summary>The arguments in the order of the names; null where one was not given.</summary>
    /// <exception cref="JinjaException">There are more of them, or other ones.</exception>
    public Value?[] Bind(params ReadOnlySpan<string> names)
    {
        if (Positional.Count > names.Length)
            throw new JinjaException($"{Name} takes {names.Length} argument{(names.Length == 1 ? "" : "s")}, found {Positional.Count}.");
        var bound = new Value?[names.Length];
        for (int i = 0; i < Positional.Count; i++)
            bound[i] = Positional[i];
        foreach (var (name, value) in Named)
        {
            int index = names.IndexOf(name);
            if (index < 0 || bound[index] is not null)
                throw new JinjaException(index < 0 ? $"{Name} has no argument '{name}'." : $"{Name} was given '{name}' twice.");
            bound[index] = value;
        }
        return bound;
    }

    /// <summary>The same, where the first ones have to be given.</summary>
    public Value?[] Bind(int required, params ReadOnlySpan<string> names)
    {
        var bound = Bind(names);
        for (int i = 0; i < required; i++)
            if (bound[i] is null)
                throw new JinjaException($"{Name} needs an argument '{names[i]}'.");
        return bound;
    }

    /// <summary>A text that the call was given; or null where there is none, or None.</summary>
    public Text? OptionalText(Value? value) => value switch
    {
        null or None => null,
        Text text => text,
        _ => throw Wrong("a text", value),
    };

    public Text Text(Value? value) => OptionalText(value) ?? throw Wrong("a text", value);

    /// <summary>A whole number that the call was given, near enough to be a count.</summary>
    public int Count(Value? value, int otherwise) => value switch
    {
        null or None => otherwise,
        Number { Whole: { } whole } => (int)System.Numerics.BigInteger.Clamp(whole, -int.MaxValue, int.MaxValue),
        _ => throw Wrong("a whole number", value),
    };

    public IReadOnlyList<Value> Items(Value? value) => Sequences.Of(value ?? throw Wrong("a list", value), Budget);

    public JinjaException Wrong(string expected, Value? found) => found is Undefined missing
        ? missing.Error()
        : new($"{Name} takes {expected}, found {found?.Kind ?? "nothing"}.");
}
