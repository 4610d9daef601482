using System.Runtime.InteropServices;

namespace Cria.Tensors;

/// <summary>What a device without numbers hands to whoever looks into a tensor: one piece of memory for all of them, whose content means nothing.</summary>
internal sealed class StandIn
{
    private readonly Lock gate = new();
    private byte[] memory = [];

    public Span<byte> Bytes(int count)
    {
        lock (gate)
        {
            if (memory.Length < count)
                memory = new byte[count];
            return memory.AsSpan(0, count);
        }
    }

    public Span<float> Floats(int count) => MemoryMarshal.Cast<byte, float>(Bytes(checked(count * sizeof(float))));
}
