using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>Brings tensors to their type in a file while they are written: some rows at a time, so that no whole matrix stands in memory as floats.</summary>
/// <param name="config">The shape of the model.</param>
/// <param name="inNeighbours">Whether the file wants the rows of q and k in the order in which neighbours are rotated.</param>
/// <param name="meter">Counts what is written.</param>
internal sealed class TensorEncoder(LlamaConfig config, bool inNeighbours, ConversionMeter meter)
{
    private const int NumbersAtOnce = 4 << 20;      // 16 MB of floats

    /// <summary>A tensor of a checkpoint under its name in the file, in the type that the file stores it in.</summary>
    public TensorSource Encode(Checkpoint from, string name, string nameInFile, DataType type)
    {
        var shape = from.Tensors[name].Shape;
        return new TensorSource(nameInFile, type.Name, shape, type.Bytes(shape.Length), stream => Write(from, name, type, stream, NumbersAtOnce));
    }

    /// <summary>Writes a tensor whose type takes all of its numbers together.</summary>
    public void WriteWhole(Checkpoint from, string name, DataType type, Stream to) => Write(from, name, type, to, int.MaxValue);

    private void Write(Checkpoint from, string name, DataType type, Stream to, int numbersAtOnce)
    {
        using var scope = TensorScope.Begin();
        var stored = from.Stored(name);
        var order = Order(name, stored.InNeighbours);
        meter.Begin(type.Name);
        if (stored.Tensor.Type == type && order is null)
        {
            TensorSource.WriteBytes(to, stored.Tensor.Storage);
            meter.Add(name, type.Name, stored.Tensor.Shape.Length, stored.Tensor.Storage.Length);
            return;
        }
        int rows = stored.Tensor.Shape.Rows, atOnce = Math.Max(1, numbersAtOnce / Math.Max(1, stored.Tensor.Shape.Columns));
        for (int first = 0; first < rows; first += atOnce)
        {
            using var piece = TensorScope.Begin();
            var numbers = stored.Tensor.RowsAsFloats(first, Math.Min(atOnce, rows - first), order);
            var encoded = numbers.To(type);
            TensorSource.WriteBytes(to, encoded.Storage);
            meter.Add(name, numbers, encoded);
        }
    }

    private Func<int, int>? Order(string name, bool standInNeighbours)
    {
        if (standInNeighbours == inNeighbours || RotaryRows.HeadsKey(name) is null)
            return null;
        return inNeighbours
            ? row => RotaryRows.InHalves(row, config.HeadSize)
            : row => RotaryRows.InNeighbours(row, config.HeadSize);
    }
}
