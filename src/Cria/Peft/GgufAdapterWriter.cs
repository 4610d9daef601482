using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Writes a LoRA in the form of <see cref="GgufAdapter"/>, f32.</summary>
internal static class GgufAdapterWriter
{
    public static void Save(Adapter adapter, string path, string baseModel)
    {
        if (Obstacle(adapter) is { } obstacle)
            throw CheckpointException.NoGgufForm(path, obstacle);
        var own = (LoraOptions)adapter.Options;
        bool exported = LoraExport.IsNeeded(own);
        var options = exported ? LoraExport.Options(own) : own;
        var tensors = exported ? LoraExport.Tensors(adapter) : adapter.Trained.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value));

        // llama.cpp scales by α over the rank of each layer; rsLoRA's √r, and an α of a layer's own, are brought to that.
        float alpha = options.Scaling(options.Rank, options.Alpha) * options.Rank;
        var writer = new GgufWriter().Set("general.architecture", "llama").Set("general.type", "adapter").Set("adapter.type", "lora").Set("adapter.lora.alpha", alpha);
        if (baseModel.Length > 0)
            writer.Set("general.base_model.count", 1u).Set("general.base_model.0.name", baseModel);
        writer.Write(path, [.. tensors.Select(tensor => Source(tensor.Key, tensor.Value, options, alpha, adapter.HeadSize))]);
    }

    private static string? Obstacle(Adapter adapter) => adapter.Options switch
    {
        not LoraOptions => $"it is not a LoRA, but {adapter.Options.Method}",
        LoraOptions { Dora: true } => "dora trains the sizes of the rows too",
        LoraOptions { LoraBias: true } => "lora_bias adds biases",
        LoraOptions when adapter.Trained.FirstOrDefault(parameter => !LoraNames.IsFactor(parameter.Name)) is { } other => $"it trains {other.Name} too",
        _ => null,
    };

    private static TensorSource Source(string name, Tensor tensor, LoraOptions options, float alpha, int headSize)
    {
        string path = LoraNames.PathOf(name);
        bool isA = name.EndsWith(LoraNames.A, StringComparison.Ordinal);
        return TensorSource.Of($"{GgufNames.FromHuggingFace($"{path}.weight")}.{(isA ? "lora_a" : "lora_b")}", isA ? tensor : Rows(name, Scaled(path, tensor, options, alpha), headSize));
    }

    private static Tensor Scaled(string path, Tensor b, LoraOptions options, float alpha)
    {
        int rank = b.Shape.Columns;
        float own = options.Scaling(rank, (float)(LayerPattern.Find(options.AlphaPattern, path) ?? options.Alpha)), theirs = alpha / rank;
        using var off = Gradients.Off();
        return own == theirs ? b : b * (own / theirs);
    }

    private static Tensor Rows(string name, Tensor b, int headSize) => RotaryRows.HeadsKey(name) is null
        ? b
        : new Tensor(b.Shape, b.Type, b.Device, RotaryRows.ToNeighbours(b.Storage, b.Shape.Rows, headSize));
}
