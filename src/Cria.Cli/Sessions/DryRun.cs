using Cria.Cli.Display;
using Cria.Peft;

namespace Cria.Cli.Sessions;

/// <summary>What <c>cria train --dry-run</c> tells: settings with their origins, memory, and what the first sample teaches.</summary>
internal sealed class DryRun(TrainingSession session, bool colour)
{
    private const int MostTokensShown = 400;

    public void Write(TextWriter to)
    {
        var settings = new Columns();
        foreach (var setting in session.Recipe.Settings)
            settings.Add(setting.Path, $"{setting.Value}  ({setting.Origin})");
        settings.Write(to);

        to.WriteLine();
        var memory = new Columns();
        memory.Add("weights", Bytes.Text(WeightBytes));
        memory.Add("trained tensors, gradients, AdamW", Bytes.Text(TrainedBytes));
        memory.Add("activations, about", Bytes.Text(ActivationBytes));
        memory.Add("all, about", Bytes.Text(WeightBytes + TrainedBytes + ActivationBytes));
        memory.Write(to);

        to.WriteLine();
        to.WriteLine(session.Data.Report.ToString());
        if (session.Data.Report.Warning is { } warning)
            to.WriteLine(warning);
        var text = new MaskedText(session.Llama.HasTokenizer ? session.Llama.Tokenizer : null, colour);
        to.WriteLine($"The first sample; {text.Legend}:");
        to.WriteLine(text.Of(session.Data.Train[0].Examples[0], MostTokensShown));
    }

    // A full fine-tuning holds its own f32 copy, which is counted with what is trained.
    private long WeightBytes => session.Llama.Checkpoint.Tensors.Values.Sum(tensor =>
        (session.Recipe.Base.Type != Recipes.BaseOptions.Keep && tensor.Name.EndsWith("proj.weight", StringComparison.Ordinal)
            ? Tensors.DataType.Parse(session.Recipe.Base.Type) : tensor.Type)?.Bytes(tensor.Shape.Length) ?? 0);

    // f32: the tensor, its gradient, and two moments.
    private long TrainedBytes => 4 * sizeof(float) * session.Adapter.TrainedCount;

    /// <summary>Kept for the backward pass, f32, for each token of a micro-batch: of a layer the inputs of its products, norms and gates.</summary>
    private long ActivationBytes
    {
        get
        {
            var config = session.Llama.Model.Config;
            long tokens = session.Data.Train.Take(session.Recipe.Train.MicroBatchSize).Sum(sequence => (long)sequence.Length);
            long layer = 6L * config.HiddenSize + 3 * config.QuerySize + 3 * config.KeySize + 4 * config.IntermediateSize;
            if (session.Recipe.Peft is LoraOptions)
                layer += 2L * config.HiddenSize + config.IntermediateSize;
            long kept = session.Recipe.Train.Recompute ? config.Layers * (long)config.HiddenSize + layer : config.Layers * layer;
            return sizeof(float) * tokens * kept;
        }
    }
}
