using System.Text.Json.Nodes;
using Cria.Templates;

namespace Cria.Tokenizers;

/// <summary>Calls of tools in Python's way: <c>[f(a=1, b='x'), g()]</c>. Llama 3.2, 3.3 and 4 write them.</summary>
internal static class PythonicCalls
{
    /// <summary>The calls of a message; nothing where there are none.</summary>
    public static string Write(IReadOnlyList<ToolCall> calls) => calls.Count == 0 ? "" : $"[{string.Join(", ", calls.Select(Write))}]";

    /// <summary>Tools as Meta's reference lists them: name, description, and parameters of the type <c>dict</c> with those required first.</summary>
    public static string Schemas(IReadOnlyList<JsonNode> tools) => ToolText.OverLines(JsonValues.Read(new JsonArray([.. tools.Select(Schema)]), default));

    /// <summary>Reads calls; null where the text is something else.</summary>
    public static IReadOnlyList<ToolCall>? Read(string text)
    {
        try
        {
            var list = ExpressionParser.ReadAlone(text) is ListOf { IsTuple: false } calls ? calls.Items : [ExpressionParser.ReadAlone(text)];
            return list.Count > 0 && list.All(IsCall) ? [.. list.Select(call => Call((Invocation)call))] : null;
        }
        catch (JinjaException)
        {
            return null;
        }
    }

    private static string Write(ToolCall call) => $"{call.Name}({string.Join(", ", call.Arguments.Select(argument =>
        $"{argument.Key}={Printed.Quoted(JsonValues.Read(argument.Value, default), new Budget()).Characters}"))})";

    private static JsonNode? Schema(JsonNode tool)
    {
        var function = (tool["function"] ?? tool).AsObject();
        var parameters = function["parameters"] as JsonObject ?? [];
        var listed = new JsonObject { ["type"] = "dict", ["required"] = parameters["required"]?.DeepClone() ?? new JsonArray(), ["properties"] = parameters["properties"]?.DeepClone() ?? new JsonObject() };
        foreach (var (key, value) in parameters.Where(parameter => !listed.ContainsKey(parameter.Key)))
            listed[key] = value?.DeepClone();
        return new JsonObject { ["name"] = function["name"]?.DeepClone(), ["description"] = function["description"]?.DeepClone(), ["parameters"] = listed };
    }

    private static bool IsCall(Expression expression) =>
        expression is Invocation { Arguments: { Positional: [], MorePositional: null, MoreNamed: null } } call && Name(call.Target) is not null;

    private static ToolCall Call(Invocation call)
    {
        var evaluator = new Evaluator(new Scope(null), new Budget(100_000, 1_000_000));
        var arguments = new JsonObject();
        foreach (var (name, value) in call.Arguments.Named)
            arguments[name] = Literal(value) ? ValueJson.Of(evaluator.Evaluate(value)) : throw new JinjaException("an argument is no literal.", value.Place);
        string called = Name(call.Target)!;
        return new ToolCall(called.EndsWith(".call", StringComparison.Ordinal) ? called[..^5] : called, arguments);
    }

    // a.b.c, as tools are named; brave_search.call(…) is how Llama 3.1 calls one of its own.
    private static string? Name(Expression target) => target switch
    {
        Variable variable => variable.Name,
        AttributeOf attribute when Name(attribute.Target) is { } name => $"{name}.{attribute.Name}",
        _ => null,
    };

    private static bool Literal(Expression value) => value switch
    {
        Constant or Variable { Name: "null" } => true,
        Signed signed => Literal(signed.Operand),
        ListOf list => list.Items.All(Literal),
        MapOf map => map.Pairs.All(pair => Literal(pair.Key) && Literal(pair.Value)),
        _ => false,
    };
}
