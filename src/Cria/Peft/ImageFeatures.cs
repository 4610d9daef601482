using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Peft;

/// <summary>Image features as rows (N, D), f32: read from a file, and held against what an adapter reads.</summary>
public static class ImageFeatures
{
    private const string UsualName = "features";

    /// <summary>Reads the features of one image.</summary>
    /// <param name="path">A <c>.safetensors</c> file.</param>
    /// <param name="tensor">The tensor (N, D), (1, N, D), or (D) for a single row, of f32, f16 or bf16; null for the only one, or the one called <c>features</c>.</param>
    /// <param name="device">Where the numbers go.</param>
    /// <exception cref="CheckpointException">There is no such tensor, or it does not hold rows of numbers.</exception>
    public static Tensor Load(string path, string? tensor, Backend device)
    {
        ArgumentNullException.ThrowIfNull(device);
        using var file = Checkpoint.Open(path, device);
        return Load(file, tensor).On(device);
    }

    /// <summary>The same of a file that is open.</summary>
    internal static Tensor Load(Checkpoint file, string? tensor)
    {
        using var off = Gradients.Off();
        var (info, shape) = Find(file, tensor);
        var stored = file.Get(info.Name);

        // A copy, since the file is closed before the numbers are used.
        return stored.Type == DataType.F32 ? file.Device.From(stored.Floats(), shape) : stored.To(DataType.F32).View(shape);
    }

    /// <summary>The tensor that is meant, and its shape as rows; no number is read.</summary>
    /// <exception cref="CheckpointException">There is none, or it does not hold rows of numbers.</exception>
    internal static (TensorInfo Info, Shape Rows) Find(Checkpoint file, string? tensor)
    {
        string? name = tensor ?? (file.Tensors.Count == 1 ? file.Tensors.Keys.First() : UsualName);
        if (!file.Tensors.TryGetValue(name, out var info))
            throw CheckpointException.NoFeatures(file.Name, name, file.Tensors.Keys);
        if (info.Type is not { IsFloat: true })
            throw CheckpointException.WrongFeatures(file.Name, info, "f32, f16 or bf16", info.TypeName);
        var axes = info.Shape;
        return (info, axes.Rank switch
        {
            1 => new Shape(1, axes[0]),
            2 => axes,
            3 when axes[0] == 1 => new Shape(axes[1], axes[2]),
            _ => throw CheckpointException.WrongFeatures(file.Name, info, "rows of numbers, (N, D)", axes.ToString()),
        });
    }

    /// <summary>Holds the images of a pass against what an adapter reads.</summary>
    /// <exception cref="OptionsException">One does not fit, or there are not as many as sequences.</exception>
    internal static void Check(IReadOnlyList<Tensor?> images, int sequences, ImageShape shape)
    {
        var problems = new Problems();
        problems.Unless(images.Count == sequences, $"images: expected one entry for each of {sequences} sequences, found {images.Count}.");
        foreach (var image in images.OfType<Tensor>())
        {
            if (shape.Misfit(image.Shape) is { } misfit)
                problems.Add($"images: {misfit}.");
            problems.Unless(image.Type == DataType.F32, $"images: expected f32, found {image.Type}.");
        }
        problems.ThrowIfAny();
    }
}
