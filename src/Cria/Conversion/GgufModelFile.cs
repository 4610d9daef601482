using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>Writes a model as one GGUF file.</summary>
/// <remarks>
/// The keys that llama.cpp's converter writes for architecture <c>llama</c>. From another GGUF file every key is taken over as it is, those
/// that we do not know among them; only what says how the file is stored is written anew.
/// </remarks>
internal static class GgufModelFile
{
    private const uint QuantizationVersion = 2;

    private static readonly string[] OfTheFile =
        ["general.alignment", "general.file_type", "general.quantization_version", "split.no", "split.count", "split.tensors.count"];

    public static void Write(ModelFiles model, TypeMix mix, string path, ConversionMeter meter)
    {
        var encoder = new TensorEncoder(model.Config, inNeighbours: true, meter);
        var tensors = new List<TensorSource>();
        if (Factors(model) is { } factors)
            tensors.Add(TensorSource.Of(RotaryFactors.TensorName, model.Weights.Device.From(factors, new Shape(factors.Length))));
        var types = new HashSet<DataType>();
        foreach (var (name, shape) in LlamaTensors.Of(model.Config))
        {
            var type = shape.Rank == 1 ? DataType.F32 : mix.Of(name, shape.Columns, model.Weights.Tensors[name].Type!, model.Config);
            if (shape.Rank > 1)
                types.Add(type);
            tensors.Add(encoder.Encode(model.Weights, name, GgufNames.FromHuggingFace(name), type));
        }
        Metadata(model, FileType(mix, types, model)).Write(path, tensors);
    }

    private static float[]? Factors(ModelFiles model) =>
        model.Weights.TryGet(RotaryFactors.TensorName, out var tensor) ? tensor.To(DataType.F32).Floats().ToArray() : RotaryFactors.Of(model.Config);

    // A file whose tensors kept their types is still of the kind that it was, or of the one type that all matrices have.
    private static uint? FileType(TypeMix mix, HashSet<DataType> types, ModelFiles model)
    {
        int number = mix.FileType;
        if (mix.KeepsTypes)
            number = (int?)model.Weights.Gguf?.Metadata.GetInteger("general.file_type") ?? (types is { Count: 1 } ? TypeMix.Parse(types.First().Name)!.FileType : -1);
        return number >= 0 ? (uint)number : null;
    }

    private static GgufWriter Metadata(ModelFiles model, uint? fileType)
    {
        var writer = new GgufWriter();
        if (model.Weights.Gguf?.Metadata is { } from)
        {
            foreach (string key in from.Keys.Except(OfTheFile))
                writer.Copy(key, from);
        }
        else
        {
            General(writer, model);
            Hyperparameters(writer, model.Config);
            Text(writer, model);
        }
        if (fileType is { } number)
            writer.Set("general.file_type", number);
        return writer.Set("general.quantization_version", QuantizationVersion);
    }

    private static void General(GgufWriter writer, ModelFiles model) => writer
        .Set("general.architecture", "llama").Set("general.type", "model").Set("general.name", model.Name)
        .Set("general.size_label", SizeLabel(model.Config.ParameterCount));

    private static void Hyperparameters(GgufWriter writer, LlamaConfig config)
    {
        writer.Set("llama.block_count", (uint)config.Layers)
            .Set("llama.context_length", (uint)config.ContextLength)
            .Set("llama.embedding_length", (uint)config.HiddenSize)
            .Set("llama.feed_forward_length", (uint)config.IntermediateSize)
            .Set("llama.attention.head_count", (uint)config.Heads)
            .Set("llama.attention.head_count_kv", (uint)config.KeyValueHeads)
            .Set("llama.attention.key_length", (uint)config.HeadSize)
            .Set("llama.attention.value_length", (uint)config.HeadSize)
            .Set("llama.attention.layer_norm_rms_epsilon", config.RmsNormEpsilon)
            .Set("llama.rope.freq_base", config.RotaryBase)
            .Set("llama.rope.dimension_count", (uint)config.HeadSize)
            .Set("llama.vocab_size", (uint)config.VocabularySize);
        if (config.RotaryScaling is LinearRotaryScaling linear)
            writer.Set("llama.rope.scaling.type", "linear").Set("llama.rope.scaling.factor", linear.Factor);
    }

    private static void Text(GgufWriter writer, ModelFiles model)
    {
        if (model.Tokenizer is not { } tokenizer)
        {
            writer.Set("tokenizer.ggml.model", "none");
            return;
        }
        var (vocabulary, config) = (tokenizer.ToVocabulary(), model.Weights.Config);
        GgufVocabulary.Write(writer, vocabulary, model.Config.VocabularySize,
            GgufVocabulary.EndOfText(model.Folder, config, vocabulary), GgufVocabulary.Number(config["pad_token_id"]));
        if (model.Template is { } template)
            writer.Set("tokenizer.chat_template", template);
    }

    private static string SizeLabel(long parameters) => parameters switch
    {
        >= 1_000_000_000 => FormattableString.Invariant($"{parameters / 1e9:0.#}B"),
        >= 1_000_000 => FormattableString.Invariant($"{parameters / 1e6:0.#}M"),
        _ => FormattableString.Invariant($"{parameters / 1e3:0.#}K"),
    };
}
