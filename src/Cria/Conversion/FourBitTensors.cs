using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Conversion;

/// <summary>The linear layers of a model in the 4-bit blocks of bitsandbytes.</summary>
/// <remarks>
/// A safetensors file wants the scales of all layers before the codes of the first, so blocks wait in a file beside the one that is written:
/// no more than one matrix is in memory.
/// </remarks>
internal sealed class FourBitTensors : IDisposable
{
    private readonly string path;
    private readonly MappedFile file;

    private FourBitTensors(string path, MappedFile file, IReadOnlyDictionary<string, Tensor> byName) => (this.path, this.file, ByName) = (path, file, byName);

    /// <summary>Each linear layer's weight in blocks, by its name.</summary>
    public IReadOnlyDictionary<string, Tensor> ByName { get; }

    /// <summary>Stores the linear layers in blocks.</summary>
    /// <param name="model">The model.</param>
    /// <param name="type">A type of bitsandbytes.</param>
    /// <param name="path">The file for the blocks; it is gone at the end.</param>
    /// <param name="meter">Counts what is written.</param>
    public static FourBitTensors Make(ModelFiles model, DataType type, string path, ConversionMeter meter)
    {
        var encoder = new TensorEncoder(model.Config, inNeighbours: false, meter);
        var places = new List<(string Name, Shape Shape, long Start)>();
        using (var stream = File.Create(path))
        {
            foreach (var (name, shape, _) in LlamaShapes.Of(model.Config).Where(tensor => LlamaShapes.IsLinear(tensor.Name)))
            {
                if (shape.Columns % type.BlockLength != 0)
                    throw CheckpointException.Blocks(name, shape.Columns, type.Name, type.BlockLength);
                places.Add((name, shape, stream.Position));
                encoder.WriteWhole(model.Weights, name, type, stream);
            }
        }
        var file = new MappedFile(path);
        return new FourBitTensors(path, file, places.ToDictionary(
            place => place.Name, place => new Tensor(place.Shape, type, model.Weights.Device, file.Slice(place.Start, type.Bytes(place.Shape.Length)))));
    }

    public void Dispose()
    {
        file.Dispose();
        File.Delete(path);
    }
}
