using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;

namespace Cria.Cli.Verbs;

/// <summary><c>cria show MODEL|ADAPTER</c>: what it is.</summary>
internal sealed class ShowVerb
{
    private readonly Argument<string> path = new("MODEL|ADAPTER") { Description = "A model, or an adapter in any form." };
    private readonly Option<string?> json = JsonAnswer.Option();
    private readonly Option<bool> tensors = new("--tensors") { Description = "List every tensor with its type and shape." };
    private readonly Terminal terminal;

    private ShowVerb(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var verb = new ShowVerb(terminal);
        var command = new Command("show", "What a model or an adapter is: shape, counts, types, bytes, context, template, trained tensors.")
        {
            verb.path, verb.tensors, verb.json,
        };
        command.SetAction(verb.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string typed = parsed.GetRequiredValue(path), shown = ModelCache.Resolve(typed);
        var answer = AdapterFile.Is(shown) ? Adapter(typed, AdapterFile.Describe(shown)) : Model(typed, shown);
        if (!parsed.GetValue(tensors))
            answer.Remove("tensors");

        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(answer, parsed, json, terminal);
        else
            Write(answer);
        return ExitCode.Done;
    }

    private static JsonObject Model(string name, string place)
    {
        using var model = LlamaDescription.Open(place);
        var checkpoint = model.Checkpoint;
        var answer = new JsonObject { ["name"] = name, ["kind"] = "model", ["format"] = checkpoint.Format };
        foreach (var (key, value) in model.Config is { } config ? Settings(config) : KnownFromTensors(checkpoint))
            answer[key] = value?.DeepClone();
        answer["tokenizer"] = model.Tokenizer is { } tokenizer ? $"{tokenizer.VocabularySize} tokens" : null;
        answer["template"] = model.Template.ToString();
        AddTensors(answer, checkpoint.Tensors.Values);
        return answer;
    }

    private static JsonObject Settings(LlamaConfig config) => new()
    {
        ["layers"] = config.Layers,
        ["hidden_size"] = config.HiddenSize,
        ["heads"] = config.Heads,
        ["key_value_heads"] = config.KeyValueHeads,
        ["head_size"] = config.HeadSize,
        ["intermediate_size"] = config.IntermediateSize,
        ["vocabulary_size"] = config.VocabularySize,
        ["context_length"] = config.ContextLength,
        ["rotary_base"] = config.RotaryBase,
        ["rotary_scaling"] = config.RotaryScaling?.ToJson(),
        ["tied_head"] = config.TiedHead,
        ["parameters"] = config.ParameterCount,
        ["active_parameters"] = config.ParameterCount,
    };

    private static JsonObject KnownFromTensors(Checkpoint checkpoint)
    {
        var known = KnownShape.Of(checkpoint);
        return new JsonObject
        {
            ["layers"] = known.Layers,
            ["hidden_size"] = known.HiddenSize,
            ["query_size"] = known.QuerySize,
            ["key_size"] = known.KeySize,
            ["intermediate_size"] = known.IntermediateSize,
            ["vocabulary_size"] = known.VocabularySize,
            ["tied_head"] = known.Layers is null ? null : known.TiedHead,
            ["parameters"] = checkpoint.Tensors.Values.Sum(tensor => tensor.Shape.Length),
            ["missing"] = "heads, epsilon of the norms and rotary base, which tensors do not tell: to run it, put its config.json or params.json beside the file",
        };
    }

    private static JsonObject Adapter(string name, AdapterDescription adapter)
    {
        var answer = new JsonObject { ["name"] = name, ["kind"] = "adapter", ["form"] = FormName(adapter.Form), ["base"] = adapter.Base };
        foreach (var (key, value) in JsonSerializer.SerializeToNode(adapter.Options, PeftJson.Default.PeftOptions)!.AsObject())
            answer[key] = value?.DeepClone();
        answer["adapted_layers"] = JsonAnswer.Array(adapter.Layers, layer => JsonValue.Create(layer));
        answer["trained_tensors"] = adapter.Tensors.Count;
        answer["parameters"] = adapter.Tensors.Sum(tensor => tensor.Shape.Length);
        answer["note"] = adapter.Note;
        AddTensors(answer, adapter.Tensors);
        return answer;
    }

    private static string FormName(AdapterForm form) => form switch
    {
        AdapterForm.HuggingFace => "peft",
        AdapterForm.Gguf => "GGUF (llama.cpp)",
        AdapterForm.Mlx => "mlx",
        _ => "loralib",
    };

    private static void AddTensors(JsonObject answer, IEnumerable<TensorInfo> tensors)
    {
        answer["types"] = Types(tensors);
        answer["bytes"] = tensors.Sum(SizeOf);
        answer["tensors"] = Tensors(tensors);
    }

    /// <summary>For each storage type, how many numbers are stored so.</summary>
    private static JsonObject Types(IEnumerable<TensorInfo> tensors)
    {
        var types = new JsonObject();
        foreach (var group in tensors.GroupBy(tensor => tensor.TypeName).OrderByDescending(group => group.Sum(tensor => tensor.Shape.Length)))
            types[group.Key] = group.Sum(tensor => tensor.Shape.Length);
        return types;
    }

    private static JsonArray Tensors(IEnumerable<TensorInfo> tensors) => JsonAnswer.Array(tensors, tensor => new JsonObject
    {
        ["name"] = tensor.Name,
        ["type"] = tensor.TypeName,
        ["shape"] = tensor.Shape.ToString(),
        ["file"] = tensor.File,
    });

    private static long SizeOf(TensorInfo tensor) => tensor.Type?.Bytes(tensor.Shape.Length) ?? 0;

    private void Write(JsonObject answer)
    {
        var columns = new Columns();
        foreach (var (key, value) in answer.Where(pair => pair.Value is not null))
            columns.Add(key.Replace('_', ' '), Text(key, value!));
        columns.Write(terminal.Out);
    }

    private static string Text(string key, JsonNode value) => key switch
    {
        "bytes" => Bytes.Text((long)value),
        "parameters" or "active_parameters" => Count((long)value),
        "types" => string.Join(", ", value.AsObject().Select(type => $"{type.Key} ({Count((long)type.Value!)})")),
        "tensors" => string.Join('\n', value.AsArray().Select(tensor => $"{tensor!["name"]}  {tensor["type"]} {tensor["shape"]}")),
        _ => value switch
        {
            JsonArray list => string.Join(", ", list),
            JsonObject settings => string.Join(", ", settings.Select(setting => $"{setting.Key.Replace('_', ' ')} {setting.Value}")),
            _ => value.ToString(),
        },
    };

    private static string Count(long number) => number switch
    {
        >= 1_000_000_000 => $"{number / 1e9:F2} B",
        >= 1_000_000 => $"{number / 1e6:F2} M",
        _ => $"{number:N0}",
    };
}
