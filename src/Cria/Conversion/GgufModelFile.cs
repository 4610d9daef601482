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
            tensors.Add(TensorSource.Of(LlamaShapes.RotaryFactors, model.Weights.Device.From(factors, new Shape(factors.Length))));
        var numbers = new Dictionary<DataType, long>();
        foreach (var (name, shape, _) in LlamaShapes.Of(model.Config))
        {
            var type = shape.Rank == 1 ? DataType.F32 : Known(mix.Of(name, shape.Columns, model.Weights.Tensors[name].Type!, model.Config));
            numbers[type] = numbers.GetValueOrDefault(type) + shape.Length;
            tensors.Add(encoder.Encode(model.Weights, name, GgufNames.FromHuggingFace(name), type));
        }
        Metadata(model, mix.FileType >= 0 ? mix.FileType : FileType(numbers, model)).Write(path, tensors);
    }

    // The 4 bits of bitsandbytes have no number there: half precision loses next to nothing of what they stand for.
    private static DataType Known(DataType type) => GgufTensorType.CodeOf(type.Name) is null ? DataType.F16 : type;

    private static float[]? Factors(ModelFiles model) =>
        model.Weights.TryGet(LlamaShapes.RotaryFactors, out var tensor) ? tensor.To(DataType.F32).Floats().ToArray() : RotaryFactors.Of(model.Config);

    // Tensors that all kept their types make a file of the kind that it was; else it is of the kind that most numbers have.
    private static int FileType(Dictionary<DataType, long> numbers, ModelFiles model) =>
        model.Weights is GgufCheckpoint && model.Weights.Gguf?.Metadata.GetInteger("general.file_type") is { } number
            ? (int)number
            : TypeMix.Parse(numbers.MaxBy(pair => pair.Value).Key.Name)?.FileType ?? -1;

    private static GgufWriter Metadata(ModelFiles model, int fileType)
    {
        var writer = new GgufWriter();
        if (model.Weights.Gguf?.Metadata is { } from)
        {
            foreach (string key in from.Keys.Except(OfTheFile))
                writer.Copy(key, from);
        }
        else
        {
            General(writer, model.Name, model.Config);
            Hyperparameters(writer, model.Config);
            Text(writer, model);
        }
        return Storing(writer, fileType);
    }

    /// <summary>The metadata of a model that comes without text: its vocabulary is a stand-in, which other programs need to open the file.</summary>
    public static GgufWriter Describe(string name, LlamaConfig config, int fileType)
    {
        var writer = new GgufWriter();
        General(writer, name, config);
        Hyperparameters(writer, config);
        if (StandInVocabulary.Of(config.VocabularySize) is { } vocabulary)
            GgufVocabulary.Write(writer, vocabulary, config.VocabularySize, end: null, padding: null);
        else
            writer.Set("tokenizer.ggml.model", "none");
        return Storing(writer, fileType);
    }

    private static void General(GgufWriter writer, string name, LlamaConfig config) => writer
        .Set("general.architecture", "llama").Set("general.type", "model").Set("general.name", name)
        .Set("general.size_label", SizeLabel(config.ParameterCount));

    private static GgufWriter Storing(GgufWriter writer, int fileType)
    {
        if (fileType >= 0)
            writer.Set("general.file_type", (uint)fileType);
        return writer.Set("general.quantization_version", QuantizationVersion);
    }

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
