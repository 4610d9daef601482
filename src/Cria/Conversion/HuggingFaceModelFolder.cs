using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;
using Cria.Tokenizers;

namespace Cria.Conversion;

/// <summary>Writes a model as a Hugging Face folder: weights in safetensors files, configuration, tokenizer, chat template.</summary>
internal static class HuggingFaceModelFolder
{
    private const string LinearLayer = "model.layers.0.self_attn.q_proj.weight";

    public static void Write(ModelFiles model, TypeMix mix, string folder, long maxShardBytes, ConversionMeter meter)
    {
        var fourBit = FourBitType(model, mix);
        if (fourBit is null)
            SafetensorsShards.Write(folder, Tensors(model, name => TypeOf(name, model, mix), meter), maxShardBytes);
        else
            WriteFourBit(model, fourBit, folder, maxShardBytes, meter);
        JsonFile.Write(Path.Combine(folder, HuggingFaceFolder.ConfigFile), Configuration(model, fourBit is null ? TypeOf(LinearLayer, model, mix) : Beside(model), fourBit));
        WriteText(model, folder);
    }

    private static void WriteFourBit(ModelFiles model, DataType type, string folder, long maxShardBytes, ConversionMeter meter)
    {
        using var linear = FourBitTensors.Make(model, type, Path.Combine(folder, "blocks"), meter);
        string computeType = TorchName(Beside(model));
        SafetensorsShards.Write(
            folder,
            [.. Tensors(model, _ => Beside(model), meter).SelectMany(plain => linear.ByName.TryGetValue(plain.Name, out var blocks) ? BitsAndBytes.Write(plain.Name, blocks, computeType) : [plain])],
            maxShardBytes);
    }

    private static List<TensorSource> Tensors(ModelFiles model, Func<string, DataType> typeOf, ConversionMeter meter)
    {
        var encoder = new TensorEncoder(model.Config, inNeighbours: false, meter);
        return [.. LlamaShapes.Of(model.Config).Select(tensor => encoder.Encode(model.Weights, tensor.Name, tensor.Name, typeOf(tensor.Name)))];
    }

    /// <summary>The type of bitsandbytes that the linear layers get, or keep; null for others.</summary>
    private static DataType? FourBitType(ModelFiles model, TypeMix mix)
    {
        var type = mix.KeepsTypes ? model.Weights.Tensors[LinearLayer].Type! : mix.Single!;
        return BitsAndBytes.CanWrite(type) ? type : null;
    }

    /// <summary>What everything beside 4-bit layers is stored in: the embedding's own type, or bf16 where it is quantised.</summary>
    private static DataType Beside(ModelFiles model) => model.Weights.Tensors[LlamaShapes.Embedding].Type is { IsFloat: true } own ? own : DataType.BF16;

    /// <summary>The type asked for; else the tensor's own, or half precision where it is quantised.</summary>
    private static DataType TypeOf(string name, ModelFiles model, TypeMix mix)
    {
        var stored = model.Weights.Tensors[name].Type!;
        return mix.Single ?? (stored.IsFloat ? stored : DataType.F16);
    }

    private static JsonObject Configuration(ModelFiles model, DataType type, DataType? fourBit)
    {
        var config = model.Weights.Gguf is null ? model.Weights.Config.DeepClone().AsObject() : FromGguf(model);
        string name = TorchName(type);
        config.Remove("quantization_config");
        if (fourBit is not null)
            config["quantization_config"] = BitsAndBytes.Config(fourBit, name);
        config["torch_dtype"] = name;
        if (config.ContainsKey("dtype"))
            config["dtype"] = name;
        return config;
    }

    private static string TorchName(DataType type) => type.Name switch
    {
        "f32" => "float32",
        "f16" => "float16",
        _ => "bfloat16",
    };

    private static JsonObject FromGguf(ModelFiles model)
    {
        var shape = model.Config with { RotaryScaling = model.Config.RotaryScaling ?? RotaryFactors.Fit(model.Config, model.Weights) };
        var config = shape.ToJson();
        config["attention_bias"] = false;
        config["mlp_bias"] = false;
        foreach (string key in (string[])["bos_token_id", "eos_token_id"])
            config[key] = model.Weights.Config[key]?.DeepClone();
        return config;
    }

    private static void WriteText(ModelFiles model, string folder)
    {
        bool copies = model.Weights.Gguf is null;
        if (model.Tokenizer is { } tokenizer && !(copies && File.Exists(Path.Combine(model.Folder, "tokenizer.json"))))
            TokenizerFolder.Write(tokenizer.ToVocabulary(), model.Template, folder);
        foreach (string file in HuggingFaceFolder.TextFiles.Where(file => copies && File.Exists(Path.Combine(model.Folder, file))))
        {
            OutputFolder.Make(Path.GetDirectoryName(Path.Combine(folder, file))!);
            File.Copy(Path.Combine(model.Folder, file), Path.Combine(folder, file), overwrite: true);
        }
        string generation = Path.Combine(model.Folder, HuggingFaceFolder.GenerationFile);
        if (copies && File.Exists(generation))
            File.Copy(generation, Path.Combine(folder, HuggingFaceFolder.GenerationFile));
        else
            JsonFile.Write(Path.Combine(folder, HuggingFaceFolder.GenerationFile), Generation(model));
    }

    private static JsonObject Generation(ModelFiles model)
    {
        var config = new JsonObject { ["bos_token_id"] = model.Weights.Config["bos_token_id"]?.DeepClone() };
        if (model.Tokenizer?.EndOfText is { Count: > 0 } ends)
            config["eos_token_id"] = ends.Count == 1 ? ends[0] : new JsonArray([.. ends.Select(id => JsonValue.Create(id))]);
        else
            config["eos_token_id"] = model.Weights.Config["eos_token_id"]?.DeepClone();
        return config;
    }
}
