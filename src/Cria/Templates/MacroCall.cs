namespace Cria.Templates;

/// <summary>A macro, or the body of a <c>call</c> block, as a function. It sees the variables of the place where it was written.</summary>
internal sealed class MacroCall
{
    private const string Caller = "caller";

    private readonly IReadOnlyList<Parameter> parameters;
    private readonly Block body;
    private readonly Renderer renderer;
    private readonly Scope scope;

    public MacroCall(string name, IReadOnlyList<Parameter> parameters, Block body, Renderer renderer, Evaluator evaluator)
    {
        (this.parameters, this.body, this.renderer, scope) = (parameters, body, renderer, evaluator.Scope);
        Function = new Callable(name, Run);
    }

    public Callable Function { get; }

    /// <summary>Calls a macro with the body of a <c>call</c> block as its <c>caller</c>.</summary>
    public static Value WithCaller(Invocation invocation, Callable caller, Evaluator evaluator)
    {
        var called = evaluator.Evaluate(invocation.Target);
        if (called is not Callable macro)
            throw (called as Undefined)?.Error() ?? new JinjaException($"{called.Kind} cannot be called.");
        var call = evaluator.CallOf(macro.Name, invocation.Arguments);
        return macro.Invoke(call with { Named = new Dictionary<string, Value>(call.Named) { [Caller] = caller } });
    }

    private Text Run(Call call)
    {
        call.Budget.Enter();
        var inner = new Scope(scope);
        var named = new Dictionary<string, Value>(call.Named);
        inner.Set(Caller, named.Remove(Caller, out var caller) ? caller : new Undefined($"'{Caller}'"));
        for (int i = 0; i < parameters.Count; i++)
            inner.Set(parameters[i].Name, Given(call, inner, named, i));
        inner.Set("varargs", new ListValue([.. call.Positional.Skip(parameters.Count)], isTuple: true));
        inner.Set("kwargs", new MapValue(named.Select(pair => KeyValuePair.Create<Value, Value>(new Text(pair.Key), pair.Value))));
        var text = renderer.Body(body, inner);
        call.Budget.Leave();
        return text;
    }

    private Value Given(Call call, Scope inner, Dictionary<string, Value> named, int i)
    {
        var parameter = parameters[i];
        if (i < call.Positional.Count)
            return named.ContainsKey(parameter.Name) ? throw new JinjaException($"{call.Name} was given '{parameter.Name}' twice.") : call.Positional[i];
        if (named.Remove(parameter.Name, out var value))
            return value;
        if (parameter.Otherwise is null)
            return new Undefined($"'{parameter.Name}'");
        var around = call.Evaluator.Scope;
        call.Evaluator.Scope = inner;
        value = call.Evaluator.Evaluate(parameter.Otherwise);
        call.Evaluator.Scope = around;
        return value;
    }
}
