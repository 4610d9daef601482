using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;

namespace Cria.Models;

/// <summary>Reads the settings of a model, each checked where it is read; a message names the file, the key and what was found.</summary>
internal sealed class ConfigReader(JsonObject config, string file)
{
    private const int Largest = 1 << 26;

    public void ExpectLlama()
    {
        string? type = Text(config, "model_type");
        string? architecture = (config["architectures"] as JsonArray)?.FirstOrDefault() is JsonValue first && first.TryGetValue(out string? name) ? name : null;
        if ((type ?? "llama") != "llama" || (architecture ?? "LlamaForCausalLM") != "LlamaForCausalLM")
            throw CheckpointException.NotLlama(file, architecture ?? type!);
        ExpectReadableWeights();
        Expect((Text(config, "hidden_act") ?? "silu") == "silu", "hidden_act", $"'{Text(config, "hidden_act")}' is not silu, which every LLaMA uses");
        Expect(!Flag("attention_bias") && !Flag("mlp_bias"), Flag("mlp_bias") ? "mlp_bias" : "attention_bias", "true, but no LLaMA has biases");
    }

    // What packed the weights, where something did.
    private void ExpectReadableWeights()
    {
        if (config["quantization_config"] is not JsonObject packed)
            return;
        string method = Text(packed, "quant_method") ?? "bitsandbytes";
        bool eightBits = packed["load_in_8bit"] is JsonValue value && value.TryGetValue(out bool flag) && flag;
        if (method != "bitsandbytes" || eightBits)
            throw CheckpointException.QuantMethod(file, eightBits ? $"{method} with load_in_8bit" : method);
    }

    public int Count(string key, int? orElse = null, int most = Largest)
    {
        if (config[key] is null && orElse is { } value)
            return value;
        double number = Number(config, key);
        Expect(number >= 1 && number <= most && number == Math.Floor(number), key, $"expected a whole number from 1 to {most}, found {number}");
        return (int)number;
    }

    public float Positive(string key, float orElse) => config[key] is null ? orElse : Positive(config, key);

    public bool Flag(string key) => config[key] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    // Newer files keep θ among the rope_parameters; some in between, among rope_scaling.
    public float RotaryBase()
    {
        const string key = "rope_theta";
        var from = new[] { config["rope_parameters"], config["rope_scaling"] }.OfType<JsonObject>().FirstOrDefault(parameters => parameters[key] is not null);
        return from is null ? Positive(key, 10_000) : Positive(from, key);
    }

    public RotaryScaling? RotaryScaling()
    {
        if (Parameters is not { } scaling)
            return null;
        string type = Text(scaling, "rope_type") ?? Text(scaling, "type") ?? "default";
        switch (type)
        {
            case "default":
                return null;
            case "linear":
                return new LinearRotaryScaling(Positive(scaling, "factor"));
            case "llama3":
                double context = Number(scaling, "original_max_position_embeddings");
                Expect(context is >= 1 and <= Largest, "original_max_position_embeddings", $"expected 1 to {Largest}, found {context}");
                return new Llama3RotaryScaling(
                    Positive(scaling, "factor"), Positive(scaling, "low_freq_factor"), Positive(scaling, "high_freq_factor"), (int)context);
            default:
                throw CheckpointException.Setting(file, "rope_scaling", $"type '{type}' is not one that a LLaMA uses: default, linear, llama3");
        }
    }

    public void Expect(bool condition, string key, string problem)
    {
        if (!condition)
            throw CheckpointException.Setting(file, key, problem);
    }

    private JsonObject? Parameters => config["rope_scaling"] as JsonObject ?? config["rope_parameters"] as JsonObject;

    private float Positive(JsonObject from, string key)
    {
        double number = Number(from, key);
        Expect(number > 0 && float.IsFinite((float)number), key, $"expected a positive number, found {number}");
        return (float)number;
    }

    private double Number(JsonObject from, string key)
    {
        if (from[key] is not JsonValue value)
            throw CheckpointException.Setting(file, key, "expected a number, found " + (from[key] is null ? "nothing" : "something else"));
        return value.GetValueKind() == JsonValueKind.Number && double.TryParse(value.ToJsonString(), out double number)
            ? number
            : throw CheckpointException.Setting(file, key, $"expected a number, found {value.ToJsonString()}");
    }

    private static string? Text(JsonObject from, string key) => from[key] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
