using System.Runtime.InteropServices;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>Moments in a file: only those of one tensor are in memory at a time, whatever the model.</summary>
/// <remarks>The arithmetic is that of floats in memory, bit for bit. The file is the run's own, and gone when the run ends.</remarks>
internal sealed class PagedMoments : Moments
{
    private const string FileName = "optimizer.pages";

    private readonly List<(Shape Shape, long Offset)> places = [];
    private readonly Backend device;
    private readonly FileStream file;
    private readonly long length;

    public PagedMoments(IReadOnlyList<Parameter> trained, string folder)
    {
        device = trained[0].Value.Device;
        foreach (var parameter in trained)
        {
            places.Add((parameter.Value.Shape, length));
            length += 2 * sizeof(float) * parameter.Value.Shape.Length;
        }
        file = new FileStream(Path.Combine(folder, $".{FileName}"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        file.SetLength(length);
    }

    public override void Use(IReadOnlyList<int> indices, Action<IReadOnlyList<(int Index, Tensor Mean, Tensor Square)>> step)
    {
        foreach (int index in indices)
            Use(index, (mean, square) => step([(index, mean, square)]));
    }

    private void Use(int index, Action<Tensor, Tensor> step)
    {
        using var scope = TensorScope.Begin();
        var (shape, offset) = places[index];
        var (mean, square) = (device.Empty(shape), device.Empty(shape));
        file.Position = offset;
        Read(mean);
        Read(square);
        step(mean, square);
        file.Position = offset;
        file.Write(MemoryMarshal.AsBytes<float>(mean.ToArray()));
        file.Write(MemoryMarshal.AsBytes<float>(square.ToArray()));
    }

    public override void Write(string folder)
    {
        file.Position = 0;
        AtomicFile.Write(Path.Combine(folder, FileName), file.CopyTo);
    }

    public override void Restore(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path) || new FileInfo(path).Length != length)
            throw CheckpointException.Setting(path, "moments", $"expected {length:N0} bytes for what is trained with train.optimizer {Paged}, found {(File.Exists(path) ? $"{new FileInfo(path).Length:N0}" : "no such file")}");
        using var saved = File.OpenRead(path);
        file.Position = 0;
        saved.CopyTo(file);
    }

    public override void Dispose() => file.Dispose();

    private void Read(Tensor tensor)
    {
        float[] numbers = new float[tensor.Shape.Length];
        file.ReadExactly(MemoryMarshal.AsBytes(numbers.AsSpan()));
        tensor.Set(numbers);
    }
}
