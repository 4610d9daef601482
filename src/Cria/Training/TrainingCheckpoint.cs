using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>Everything that a run needs to go on bit for bit, in a folder: what is trained, its moments, and where the run stands.</summary>
internal sealed class TrainingCheckpoint(TrainedFiles trained, AdamW optimizer, Backend device)
{
    private const string MomentsFile = "optimizer.safetensors";

    public void Write(string folder, TrainingState state)
    {
        trained.Save(folder);
        Safetensors.Write(Path.Combine(folder, MomentsFile), optimizer.Moments);
        state.Write(folder);
    }

    /// <summary>Takes weights and moments back.</summary>
    /// <exception cref="CheckpointException">A file is damaged, or belongs to another model.</exception>
    public void Restore(string folder)
    {
        trained.Restore(folder);
        using var moments = Checkpoint.Open(Path.Combine(folder, MomentsFile), device);
        optimizer.Restore(moments);
    }
}
