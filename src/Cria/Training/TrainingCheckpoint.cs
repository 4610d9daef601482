using Cria.Checkpoints;

namespace Cria.Training;

/// <summary>Everything that a run needs to go on bit for bit, in a folder: what is trained, its moments, and where the run stands.</summary>
internal sealed class TrainingCheckpoint(TrainedFiles trained, Moments moments)
{
    public void Write(string folder, TrainingState state)
    {
        trained.Save(folder);
        moments.Write(folder);
        state.Write(folder);
    }

    /// <summary>Takes weights and moments back.</summary>
    /// <exception cref="CheckpointException">A file is damaged, or belongs to another model.</exception>
    public void Restore(string folder)
    {
        trained.Restore(folder);
        moments.Restore(folder);
    }
}
