using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>A tensor that is to be written to a file: what the head of the file says of it, and its bytes, made only when they are due.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="TypeName">How the numbers are stored, as <c>DataType</c> spells it, or <c>u8</c> for plain bytes.</param>
/// <param name="Shape">The lengths of the axes, outermost first.</param>
/// <param name="Length">The number of bytes.</param>
/// <param name="Write">Writes exactly these bytes.</param>
internal sealed record TensorSource(string Name, string TypeName, Shape Shape, long Length, Action<Stream> Write)
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>A tensor that is already there.</summary>
    public static TensorSource Of(string name, Tensor tensor) =>
        new(name, tensor.Type.Name, tensor.Shape, tensor.Storage.Length, stream => WriteBytes(stream, tensor.OnHost()));

    /// <summary>Writes all bytes, a piece at a time.</summary>
    public static void WriteBytes(Stream stream, Storage bytes)
    {
        for (long at = 0; at < bytes.Length; at += ChunkBytes)
            stream.Write(bytes.Bytes(at, (int)Math.Min(ChunkBytes, bytes.Length - at)));
    }
}
