using Cria.Models;

namespace Cria.Peft;

/// <summary>Only the weights of the norms move: the smallest baseline.</summary>
public sealed record NormsOptions : PeftOptions
{
    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
    }

    /// <inheritdoc/>
    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Adapter.Of(this, model, adapter => Train(adapter, model));
    }

    /// <summary>Trains copies of all norms of a model, from the first layer up.</summary>
    internal static void Train(Adapter adapter, LlamaModel model)
    {
        foreach (var block in model.Blocks)
        {
            adapter.TrainCopyOf(block.AttentionNorm.Weight, model.Device);
            adapter.TrainCopyOf(block.MlpNorm.Weight, model.Device);
        }
        adapter.TrainCopyOf(model.Norm.Weight, model.Device);
    }
}
