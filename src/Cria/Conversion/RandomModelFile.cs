using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>Writes a model of a given shape and random weights to a GGUF file, to measure with: its size is right, its answers mean nothing.</summary>
/// <remarks>One piece of random blocks is made and written again and again, so that a model of any size takes a few megabytes of memory.</remarks>
public static class RandomModelFile
{
    private const int NumbersInPiece = 1 << 20;
    private const float Deviation = 0.02f;

    /// <summary>Writes the file.</summary>
    /// <param name="path">A file; it is replaced.</param>
    /// <param name="config">The shape.</param>
    /// <param name="type">How matrices are stored; norms are f32.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="stop">Ends it; nothing is left behind.</param>
    /// <exception cref="CheckpointException">The format has no such type, or the disk refuses.</exception>
    /// <returns>The bytes of the tensors.</returns>
    public static long Write(string path, LlamaConfig config, DataType type, IProgress<ConversionProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(type);
        using var device = new CpuBackend();
        using var scope = TensorScope.Begin();
        var pieces = new Dictionary<DataType, Storage>();
        long done = 0;
        var tensors = new List<TensorSource>();
        foreach (var (name, shape, _) in LlamaShapes.Of(config))
        {
            var stored = shape.Rank == 1 ? DataType.F32 : BlockFallback.Fit(type, shape.Columns);
            if (!pieces.ContainsKey(stored))
                pieces[stored] = device.Normal(new Shape(NumbersInPiece), Deviation, seed: 1).To(stored).Storage;
            tensors.Add(new TensorSource(GgufNames.FromHuggingFace(name), stored.Name, shape, stored.Bytes(shape.Length), stream =>
            {
                stop.ThrowIfCancellationRequested();
                Repeat(shape.Rank == 1 ? Ones(device, shape) : pieces[stored], stored.Bytes(shape.Length), stream);
                done += shape.Length;
                progress?.Report(new ConversionProgress(name, done, config.ParameterCount));
            }));
        }
        if (RotaryFactors.Of(config) is { } factors)
            tensors.Add(TensorSource.Of(LlamaShapes.RotaryFactors, device.From(factors, new Shape(factors.Length))));
        GgufModelFile.Describe(Path.GetFileNameWithoutExtension(path), config, TypeMix.Parse(type.Name)?.FileType ?? -1).Write(path, tensors);
        return tensors.Sum(tensor => tensor.Length);
    }

    private static Storage Ones(CpuBackend device, Shape shape)
    {
        var ones = device.Empty(shape);
        ones.Floats().Fill(1);
        return ones.Storage;
    }

    private static void Repeat(Storage piece, long length, Stream to)
    {
        for (long written = 0; written < length; written += piece.Length)
            to.Write(piece.Bytes(0, (int)Math.Min(piece.Length, length - written)));
    }
}
