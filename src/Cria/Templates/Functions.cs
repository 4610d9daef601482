namespace Cria.Templates;

/// <summary>The functions that every template may call. This list is the catalogue.</summary>
internal static class Functions
{
    // As in Jinja's sandbox.
    private const int MostRange = 100_000;

    /// <param name="now">What <c>strftime_now</c> tells.</param>
    public static Dictionary<string, Value> For(DateTimeOffset now) => new[]
    {
        new Callable("range", Range),
        new Callable("dict", Dictionary),
        new Callable("namespace", MakeNamespace),
        new Callable("raise_exception", call => throw new JinjaException($"the template refuses: {Printed.Text(call.Bind(1, "message")[0]!, call.Budget).Characters}")),
        new Callable("strftime_now", call => new Text(TimeFormat.Apply(call.Text(call.Bind(1, "format")[0]).Characters, now))),
    }.ToDictionary(function => function.Name, function => (Value)function);

    private static ListValue Range(Call call)
    {
        var bound = call.Bind(1, "start", "stop", "step");
        int first = call.Count(bound[0], 0);
        var (start, stop) = bound[1] is null ? (0, first) : (first, call.Count(bound[1], 0));
        long step = call.Count(bound[2], 1);
        if (step == 0)
            throw new JinjaException("range: the step cannot be zero.");
        long count = Math.Max(0, (stop - (long)start + step - Math.Sign(step)) / step);
        if (count > MostRange)
            throw new JinjaException($"range gives {MostRange} numbers at most, here {count}.");
        call.Budget.Spend(count);
        var numbers = new Value[count];
        for (int i = 0; i < count; i++)
            numbers[i] = new Integer(start + i * step);
        return new ListValue(numbers);
    }

    private static MapValue Dictionary(Call call) => new([.. Given(call)]);

    private static Namespace MakeNamespace(Call call) => new(Given(call).ToDictionary(pair => ((Text)pair.Key).Characters, pair => pair.Value));

    private static IEnumerable<KeyValuePair<Value, Value>> Given(Call call)
    {
        if (call.Positional.Count > 1 || call.Positional is [not MapValue])
            throw new JinjaException($"{call.Name} takes names with values, or one map.");
        var first = call.Positional is [MapValue map] ? map.Entries : [];
        return first.Concat(call.Named.Select(pair => KeyValuePair.Create<Value, Value>(new Text(pair.Key), pair.Value)));
    }
}
