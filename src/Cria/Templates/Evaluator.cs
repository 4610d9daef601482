namespace Cria.Templates;

/// <summary>Finds the values of expressions.</summary>
internal sealed class Evaluator(Scope globals, Budget budget)
{
    public Budget Budget => budget;

    /// <summary>The variables that can be seen.</summary>
    public Scope Scope { get; set; } = globals;

    public Value Evaluate(Expression expression)
    {
        try
        {
            budget.Enter();
            budget.Spend();
            return Of(expression);
        }
        catch (JinjaException error) when (error.Place is null)
        {
            throw error.At(expression.Place);
        }
        finally
        {
            budget.Leave();
        }
    }

    /// <summary>A filter over a value that is there already.</summary>
    public Value Filter(Value subject, Filtered filter)
    {
        try
        {
            budget.Spend(subject.Size);
            return Filters.Apply(filter.Name, subject, CallOf(filter.Name, filter.Arguments));
        }
        catch (JinjaException error)
        {
            throw error.At(filter.Place);
        }
    }

    /// <summary>The arguments of a call, evaluated.</summary>
    public Call CallOf(string name, Arguments arguments)
    {
        var positional = arguments.Positional.Select(Evaluate).ToList();
        if (arguments.MorePositional is { } more)
            positional.AddRange(Sequences.Of(Evaluate(more), budget));
        if (arguments.Named.Count == 0 && arguments.MoreNamed is null)
            return new Call(name, positional, Call.NoNames, this);
        var named = new Dictionary<string, Value>();
        foreach (var (key, value) in arguments.Named)
            if (!named.TryAdd(key, Evaluate(value)))
                throw new JinjaException($"{name} was given '{key}' twice.");
        if (arguments.MoreNamed is { } map)
            foreach (var (key, value) in (Evaluate(map) as MapValue)?.Entries ?? throw new JinjaException("'**' takes a map."))
                named[key is Text text ? text.Characters : throw new JinjaException("'**' takes a map with texts as keys.")] = value;
        return new Call(name, positional, named, this);
    }

    private Value Of(Expression expression) => expression switch
    {
        Constant constant => constant.Value,
        Variable variable => Scope.Find(variable.Name) ?? new Undefined($"'{variable.Name}'"),
        AttributeOf attribute => Members.Attribute(Evaluate(attribute.Target), attribute.Name),
        ItemOf item => Members.Item(Evaluate(item.Target), Evaluate(item.Key)),
        SliceOf slice => Members.Slice(Evaluate(slice.Target), Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step), budget),
        Invocation invocation => Invoke(invocation),
        Filtered filtered => Filter(Evaluate(filtered.Subject!), filtered),
        Tested tested => Bool.Of(Test(tested) != tested.Negated),
        Either either => Evaluate(either.Left) is var left && left.IsTrue == either.IsAnd ? Evaluate(either.Right) : left,
        Not not => Bool.Of(!Evaluate(not.Operand).IsTrue),
        Conditional conditional => Choose(conditional),
        Compared compared => Compare(compared),
        Calculated calculated => Calculate(calculated),
        Signed signed => signed.Sign == "-" ? Arithmetic.Negate(Evaluate(signed.Operand)) : Arithmetic.Apply("+", new Integer(0), Evaluate(signed.Operand), budget),
        Joined joined => Join(joined),
        ListOf list => new ListValue([.. list.Items.Select(Evaluate)], list.IsTuple),
        MapOf map => new MapValue(map.Pairs.Select(pair => KeyValuePair.Create(Evaluate(pair.Key), Evaluate(pair.Value)))),
        _ => throw new JinjaException("the expression is not known."),
    };

    private Value Bound(Expression? bound) => bound is null ? None.Value : Evaluate(bound);

    private Value Invoke(Invocation invocation) => Evaluate(invocation.Target) switch
    {
        Callable function => function.Invoke(CallOf(function.Name, invocation.Arguments)),
        Loop { Again: { } again } loop => again(CallOf(loop.Kind, invocation.Arguments).Bind(1, "items")[0]!),
        Undefined missing => throw missing.Error(),
        var other => throw new JinjaException($"{other.Kind} cannot be called."),
    };

    private bool Test(Tested tested)
    {
        var subject = Evaluate(tested.Subject);
        return Tests.Apply(tested.Name, subject, CallOf(tested.Name, tested.Arguments));
    }

    private Value Choose(Conditional conditional)
    {
        if (Evaluate(conditional.Condition).IsTrue)
            return Evaluate(conditional.Then);
        return conditional.Otherwise is { } otherwise ? Evaluate(otherwise) : new Undefined("the value of an 'if' without 'else'");
    }

    private Bool Compare(Compared compared)
    {
        var left = Evaluate(compared.First);
        foreach (var (sign, expression) in compared.Rest)
        {
            var right = Evaluate(expression);
            if (!Comparison.Apply(sign, left, right, budget))
                return Bool.False;
            left = right;
        }
        return Bool.True;
    }

    private Value Calculate(Calculated calculated)
    {
        var (left, right) = (Evaluate(calculated.Left), Evaluate(calculated.Right));
        budget.Spend(left.Size + right.Size);
        return Arithmetic.Apply(calculated.Sign, left, right, budget);
    }

    private Text Join(Joined joined)
    {
        var text = new TextBuilder(budget);
        foreach (var part in joined.Parts)
            text.Append(Printed.Text(Evaluate(part), budget));
        return text.ToText();
    }
}
