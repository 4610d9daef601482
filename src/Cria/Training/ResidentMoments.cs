using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Training;

/// <summary>Moments in memory: floats, on the device or in host memory that it reaches, or blocks of 8 bits for all but small tensors.</summary>
/// <remarks>In host memory a step reads and writes each of them once, over the bus; the arithmetic is the same, bit for bit.</remarks>
internal sealed class ResidentMoments : Moments
{
    private const string FileName = "optimizer.safetensors";

    // Below this 8 bits save nothing, and small tensors such as norms are the touchy ones (section 2 of the paper on 8-bit optimizers).
    private const int LeastInBlocks = 4_096;

    private readonly List<(string Name, Tensor Mean, Tensor Square)> state = [];

    public ResidentMoments(IReadOnlyList<Parameter> trained, string kind)
    {
        foreach (var parameter in trained)
        {
            var (device, shape) = (parameter.Value.Device, parameter.Value.Shape);
            bool blocks = kind == EightBit && shape.Length >= LeastInBlocks;
            Tensor Zeros(DataType inBlocks) => kind == OnHost ? device.ZerosOnHost(shape) : device.Zeros(shape, blocks ? inBlocks : DataType.F32);
            state.Add((parameter.Name, Zeros(DataType.Dynamic8), Zeros(DataType.Dynamic8Unsigned)));
        }
    }

    public override void Use(IReadOnlyList<int> indices, Action<IReadOnlyList<(int Index, Tensor Mean, Tensor Square)>> step) =>
        step([.. indices.Select(index => (index, state[index].Mean, state[index].Square))]);

    public override void Write(string folder) => Safetensors.Write(Path.Combine(folder, FileName), All);

    public override void Restore(string folder)
    {
        using var checkpoint = Checkpoint.Open(Path.Combine(folder, FileName), state[0].Mean.Device);
        foreach (var (name, moment) in All)
        {
            var saved = checkpoint.Weights.Get(name, moment.Shape, "what is trained, and train.optimizer");
            moment.Set(saved.Storage.Floats(0, (int)saved.Shape.Length));
        }
    }

    public override void Dispose()
    {
    }

    private IEnumerable<KeyValuePair<string, Tensor>> All => state.SelectMany(one => new[]
    {
        KeyValuePair.Create($"{one.Name}.mean", AsFloats(one.Mean)),
        KeyValuePair.Create($"{one.Name}.square", AsFloats(one.Square)),
    });

    // A block's bytes as the bits of floats: safetensors has no type for them, and nobody else reads this file.
    private static Tensor AsFloats(Tensor moment) => moment.Type == DataType.F32
        ? moment
        : new Tensor(new Shape(moment.Storage.Length / sizeof(float)), DataType.F32, moment.Device, moment.Storage);
}
