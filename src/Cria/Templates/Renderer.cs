namespace Cria.Templates;

/// <summary>Runs the statements of a template.</summary>
internal sealed class Renderer(Evaluator evaluator)
{
    private enum Flow
    {
        On,
        Break,
        Continue,
    }

    private TextBuilder output = new(evaluator.Budget);

    private Budget Budget => evaluator.Budget;

    /// <summary>All that a template writes.</summary>
    public Text Render(Block template) => Captured(() => Run(template));

    private Flow Run(Block block)
    {
        foreach (var statement in block.Statements)
        {
            var flow = Run(statement);
            if (flow != Flow.On)
                return flow;
        }
        return Flow.On;
    }

    private Flow Run(Statement statement)
    {
        Budget.Spend();
        try
        {
            return Do(statement);
        }
        catch (JinjaException error) when (error.Place is null)
        {
            throw error.At(statement.Place);
        }
    }

    private Flow Do(Statement statement)
    {
        switch (statement)
        {
            case Output text:
                output.Append(text.Text);
                break;
            case Print print:
                output.Append(Printed.Text(evaluator.Evaluate(print.Value), Budget));
                break;
            case If choice:
                return Run(choice.Branches.FirstOrDefault(branch => evaluator.Evaluate(branch.Condition).IsTrue, (null!, choice.Otherwise)).Then);
            case For loop:
                return RunLoop(loop, evaluator.Evaluate(loop.Items), depth: 1);
            case Set set:
                Assign(set.Target, evaluator.Evaluate(set.Value));
                break;
            case Jump jump:
                return jump.IsBreak ? Flow.Break : Flow.Continue;
            case Macro macro:
                evaluator.Scope.Set(macro.Name, new MacroCall(macro.Name, macro.Parameters, macro.Body, this, evaluator).Function);
                break;
            default:
                DoBlock(statement);
                break;
        }
        return Flow.On;
    }

    private void DoBlock(Statement statement)
    {
        switch (statement)
        {
            case SetBlock set:
                Assign(set.Target, Filtered(Captured(() => Inside(set.Body)), set.Filters));
                break;
            case FilterBlock filter:
                output.Append(Printed.Text(Filtered(Captured(() => Inside(filter.Body)), filter.Filters), Budget));
                break;
            case Generation generation:
                output.AppendGenerated(Captured(() => Inside(generation.Body)));
                break;
            case With with:
                Inside(with.Body, () => with.Variables.Select(variable => (variable.Target, Value: evaluator.Evaluate(variable.Value))).ToList()
                    .ForEach(variable => Assign(variable.Target, variable.Value)));
                break;
            case CallBlock call:
                var caller = new MacroCall("caller", call.Parameters, call.Body, this, evaluator).Function;
                output.Append(Printed.Text(MacroCall.WithCaller(call.Invocation, caller, evaluator), Budget));
                break;
        }
    }

    /// <summary>What a body writes, in a scope of its own over that one.</summary>
    public Text Body(Block body, Scope scope)
    {
        var around = evaluator.Scope;
        evaluator.Scope = scope;
        try
        {
            return Captured(() => Run(body));
        }
        finally
        {
            evaluator.Scope = around;
        }
    }

    private Flow RunLoop(For loop, Value items, int depth)
    {
        var chosen = loop.Condition is null ? Sequences.Of(items, Budget) : Chosen(loop, items);
        if (chosen.Count == 0)
        {
            Inside(loop.Otherwise);
            return Flow.On;
        }
        var state = new Loop(chosen, depth);
        for (int i = 0; i < chosen.Count; i++)
        {
            state.Index = i;
            var flow = Inside(loop.Body, () => Begin(loop, state, chosen[state.Index], depth));
            if (flow == Flow.Break)
                break;
        }
        return Flow.On;
    }

    private void Begin(For loop, Loop state, Value item, int depth)
    {
        Budget.Spend();
        state.Again = loop.IsRecursive
            ? items => Captured(() => Nested(() => RunLoop(loop, items, depth + 1)))
            : null;
        evaluator.Scope.Set("loop", state);
        Assign(loop.Target, item);
    }

    private List<Value> Chosen(For loop, Value items)
    {
        var chosen = new List<Value>();
        foreach (var item in Sequences.Of(items, Budget))
        {
            var (around, condition) = (evaluator.Scope, loop.Condition!);
            evaluator.Scope = new Scope(around);
            Assign(loop.Target, item);
            if (evaluator.Evaluate(condition).IsTrue)
                chosen.Add(item);
            evaluator.Scope = around;
        }
        return chosen;
    }

    private Flow Nested(Func<Flow> run)
    {
        Budget.Enter();
        var flow = run();
        Budget.Leave();
        return flow;
    }

    private Flow Inside(Block body, Action? begin = null)
    {
        var around = evaluator.Scope;
        evaluator.Scope = new Scope(around);
        begin?.Invoke();
        var flow = Run(body);
        evaluator.Scope = around;
        return flow;
    }

    private Text Captured(Func<Flow> run)
    {
        var around = output;
        output = new TextBuilder(Budget);
        run();
        var text = output.ToText();
        output = around;
        return text;
    }

    private Value Filtered(Value value, IReadOnlyList<Filtered> filters) => filters.Aggregate(value, evaluator.Filter);

    private void Assign(Target target, Value value)
    {
        if (target.Parts is { } parts)
        {
            var items = Sequences.Of(value, Budget);
            if (items.Count != parts.Count)
                throw new JinjaException($"{parts.Count} names cannot share {items.Count} values.", target.Place);
            for (int i = 0; i < parts.Count; i++)
                Assign(parts[i], items[i]);
        }
        else if (target.Attribute is { } attribute)
        {
            var space = evaluator.Scope.Find(target.Name) as Namespace
                ?? throw new JinjaException($"'{target.Name}' is no namespace: only the attributes of namespace() can be set.", target.Place);
            space.Set(attribute, value);
        }
        else
        {
            evaluator.Scope.Set(target.Name, value);
        }
    }
}
