using System.Buffers.Binary;
using System.Text;

namespace Cria.Tests.Checkpoints;

/// <summary>Writes pickles operation by operation, as Python's pickle module does for protocol 2.</summary>
internal sealed class PickleBytes
{
    private readonly List<byte> bytes = [0x80, 2];
    private int memo;

    public PickleBytes Raw(params ReadOnlySpan<byte> operations)
    {
        bytes.AddRange(operations);
        return this;
    }

    public PickleBytes Global(string name)
    {
        int dot = name.LastIndexOf('.');
        return Raw(Encoding.UTF8.GetBytes($"c{name[..dot]}\n{name[(dot + 1)..]}\n")).Put();
    }

    public PickleBytes Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Raw((byte)'X').Raw(BitConverter.GetBytes(utf8.Length)).Raw(utf8).Put();
    }

    public PickleBytes Number(long number)
    {
        if (number is >= 0 and < 256)
            return Raw((byte)'K', (byte)number);
        if (number is >= int.MinValue and <= int.MaxValue)
            return Raw((byte)'J').Raw(BitConverter.GetBytes((int)number));
        var eight = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(eight, number);
        return Raw(0x8A, 8).Raw(eight);
    }

    public PickleBytes Tuple(params IEnumerable<long> numbers)
    {
        Raw((byte)'(');
        foreach (long number in numbers)
            Number(number);
        return Raw((byte)'t').Put();
    }

    /// <summary>Calls the empty function below: an OrderedDict.</summary>
    public PickleBytes OrderedDictionary() => Global("collections.OrderedDict").Raw((byte)')', (byte)'R').Put();

    public PickleBytes Mark() => Raw((byte)'(');

    public PickleBytes SetItems() => Raw((byte)'u');

    public PickleBytes Put() => Raw((byte)'r').Raw(BitConverter.GetBytes(memo++));

    public byte[] End() => [.. bytes, (byte)'.'];

    /// <summary>A tensor as <c>torch.save</c> writes it.</summary>
    public PickleBytes Tensor(TorchBytes.View view)
    {
        Global("torch._utils._rebuild_tensor_v2").Mark();
        Mark().Text("storage").Global($"torch.{view.Storage.Type}").Text(view.Storage.Key).Text("cpu").Number(view.Storage.Count).Raw((byte)'t').Put().Raw((byte)'Q');
        return Number(view.Offset).Tuple(view.Sizes).Tuple(view.Strides).Raw(0x89).OrderedDictionary().Raw((byte)'t').Put().Raw((byte)'R').Put();
    }
}
