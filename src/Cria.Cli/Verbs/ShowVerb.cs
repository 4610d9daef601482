using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Peft;

namespace Cria.Cli.Verbs;

/// <summary><c>cria show MODEL|ADAPTER</c>: what it is.</summary>
internal sealed class ShowVerb
{
    private readonly Argument<string> path = new("MODEL|ADAPTER") { Description = "A model, or an adapter's folder." };
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
        string shown = parsed.GetRequiredValue(path);
        string adapterConfig = Path.Combine(shown, HuggingFaceAdapter.ConfigFile);
        var answer = File.Exists(adapterConfig) ? Adapter(shown, adapterConfig) : Model(shown);
        if (!parsed.GetValue(tensors))
            answer.Remove("tensors");

        if (JsonAnswer.IsAsked(parsed, json))
            JsonAnswer.Write(answer, parsed, json, terminal);
        else
            Write(answer);
        return ExitCode.Done;
    }

    private static JsonObject Model(string path)
    {
        using var llama = ModelCache.Open(path, new LlamaOptions { Threads = 1 });
        var config = llama.Model.Config;
        return new JsonObject
        {
            ["name"] = llama.Name,
            ["kind"] = "model",
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
            ["tokenizer"] = llama.HasTokenizer ? $"{llama.Tokenizer.VocabularySize} tokens" : null,
            ["template"] = llama.Template.Name,
            ["types"] = Types(llama.Checkpoint),
            ["bytes"] = llama.Checkpoint.Tensors.Values.Sum(SizeOf),
            ["tensors"] = Tensors(llama.Checkpoint),
        };
    }

    private static JsonObject Adapter(string folder, string configFile)
    {
        using var device = new Cria.Tensors.CpuBackend(1);
        using var weights = Checkpoint.Open(Path.Combine(folder, HuggingFaceAdapter.WeightsFile), device);
        var options = HuggingFaceAdapter.ReadOptions(configFile);
        var answer = new JsonObject { ["name"] = folder, ["kind"] = "adapter", ["base"] = BaseOf(configFile) };
        foreach (var (key, value) in JsonSerializer.SerializeToNode(options, PeftJson.Default.PeftOptions)!.AsObject())
            answer[key] = value?.DeepClone();
        answer["parameters"] = weights.Tensors.Values.Sum(tensor => tensor.Shape.Length);
        answer["types"] = Types(weights);
        answer["bytes"] = weights.Tensors.Values.Sum(SizeOf);
        answer["tensors"] = Tensors(weights);
        return answer;
    }

    private static string? BaseOf(string configFile) => JsonNode.Parse(File.ReadAllText(configFile))?["base_model_name_or_path"]?.ToString();

    /// <summary>For each storage type, how many numbers are stored so.</summary>
    private static JsonObject Types(Checkpoint checkpoint)
    {
        var types = new JsonObject();
        foreach (var group in checkpoint.Tensors.Values.GroupBy(tensor => tensor.TypeName).OrderByDescending(group => group.Sum(tensor => tensor.Shape.Length)))
            types[group.Key] = group.Sum(tensor => tensor.Shape.Length);
        return types;
    }

    private static JsonArray Tensors(Checkpoint checkpoint) => JsonAnswer.Array(checkpoint.Tensors.Values, tensor => new JsonObject
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
