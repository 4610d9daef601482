using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>The optimizer's two numbers for each trained one: where they are kept, in what form, and how they come back.</summary>
internal abstract class Moments : IDisposable
{
    public const string Float = "adamw", EightBit = "adamw-8bit", OnHost = "adamw-host", Paged = "adamw-paged";

    public static readonly string[] Kinds = [Float, EightBit, OnHost, Paged];

    /// <summary>Zeros for everything that is trained.</summary>
    /// <param name="kind">The optimizer's name in a recipe.</param>
    /// <param name="trained">What they belong to.</param>
    /// <param name="folder">Where pages may be kept.</param>
    public static Moments Create(string kind, IReadOnlyList<Parameter> trained, string folder) =>
        kind == Paged ? new PagedMoments(trained, folder) : new ResidentMoments(trained, kind);

    /// <summary>Hands out the means and the means of squares of some tensors, to be changed in place: all at once, or in several parts.</summary>
    public abstract void Use(IReadOnlyList<int> indices, Action<IReadOnlyList<(int Index, Tensor Mean, Tensor Square)>> step);

    /// <summary>Leaves everything in a folder.</summary>
    public abstract void Write(string folder);

    /// <summary>Takes it back.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or belongs to another model.</exception>
    public abstract void Restore(string folder);

    public abstract void Dispose();
}
