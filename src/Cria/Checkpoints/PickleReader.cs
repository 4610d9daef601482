using System.Buffers.Binary;
using System.Text;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>Reads a Python pickle that holds tensors, and nothing but tensors: no code is run, and none can be named.</summary>
/// <remarks>
/// Python's module pickletools describes the operations. Here are those of protocols 2 to 5 that PyTorch writes for dictionaries of tensors;
/// any name outside of the list in <see cref="TorchObjects"/> ends the reading.
/// </remarks>
internal sealed class PickleReader
{
    /// <summary>The longest pickle in bytes; a tensor takes about 100 of them.</summary>
    public const int MaxLength = 16 << 20;

    private const int ObjectBytes = 64, NumberBytes = 24, ItemBytes = 32;

    private readonly string file;
    private readonly Storage pickle;
    private readonly PickleStack stack;
    private int position;

    private PickleReader(string file, Storage pickle) => (this.file, this.pickle, stack) = (file, pickle, new PickleStack(file));

    /// <summary>The value that the pickle holds.</summary>
    /// <exception cref="CheckpointException">It is damaged, too large, or wants something of Python that is not a tensor.</exception>
    public static object? Read(string file, Storage pickle)
    {
        var reader = new PickleReader(file, pickle);
        while (reader.Step((char)reader.Take(1)[0]))
        {
        }
        return reader.stack.Pop();
    }

    /// <summary>Does one operation; false at the end.</summary>
    private bool Step(char operation)
    {
        switch (operation)
        {
            case '.': return false;                                                     // STOP
            case '\x80': Take(1); break;                                                // PROTO
            case '\x95': Take(8); break;                                                // FRAME
            case '(': stack.Mark(); break;
            case '0': stack.Pop(); break;
            case '1': stack.PopToMark(); break;
            case 'q': stack.Remember(Take(1)[0]); break;                                // BINPUT
            case 'r': stack.Remember(U32()); break;                                     // LONG_BINPUT
            case '\x94': stack.Remember((uint)stack.MemoCount); break;                  // MEMOIZE
            case 'h': stack.Push(stack.Recall(Take(1)[0]), 0); break;                   // BINGET
            case 'j': stack.Push(stack.Recall(U32()), 0); break;                        // LONG_BINGET
            case 'c': PushGlobal(Line(), Line()); break;                                // GLOBAL
            case '\x93': PushNamedGlobal(); break;                                      // STACK_GLOBAL
            case 'Q': stack.Push(TorchObjects.Persistent(stack, stack.Pop()), ObjectBytes); break;
            case 'R': Reduce(); break;
            case 'b': Build(); break;
            default:
                if (!PushValue(operation) && !PushContainer(operation))
                    throw stack.Damaged($"uses operation 0x{(int)operation:X2}, which PyTorch does not write");
                break;
        }
        return true;
    }

    private bool PushValue(char operation)
    {
        switch (operation)
        {
            case 'N': stack.Push(null, 0); break;
            case '\x88': stack.Push(true, NumberBytes); break;
            case '\x89': stack.Push(false, NumberBytes); break;
            case 'K': PushNumber(Take(1)[0]); break;
            case 'M': PushNumber(BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case 'J': PushNumber(BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case '\x8A': PushLong(Take(Take(1)[0])); break;                             // LONG1
            case 'G': stack.Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)), NumberBytes); break;
            case '\x8C' or 'U': PushText(Take(1)[0]); break;                            // SHORT_BINUNICODE, SHORT_BINSTRING
            case 'X' or 'T': PushText(U32()); break;                                    // BINUNICODE, BINSTRING
            case '\x8D': PushText(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))); break;
            case 'C': PushBytes(Take(1)[0]); break;                                     // SHORT_BINBYTES
            case 'B': PushBytes(U32()); break;                                          // BINBYTES
            default: return false;
        }
        return true;
    }

    private bool PushContainer(char operation)
    {
        switch (operation)
        {
            case ')': stack.Push(Array.Empty<object?>(), 0); break;
            case '\x85': PushTuple(stack.Pop(1)); break;
            case '\x86': PushTuple(stack.Pop(2)); break;
            case '\x87': PushTuple(stack.Pop(3)); break;
            case 't': PushTuple(stack.PopToMark()); break;
            case '}': stack.Push(new PickleDictionary(), ObjectBytes); break;
            case ']': stack.Push(new List<object?>(), ObjectBytes); break;
            case 's': SetItems(stack.Pop(2)); break;
            case 'u': SetItems(stack.PopToMark()); break;
            case 'a': Append(stack.Pop(1)); break;
            case 'e': Append(stack.PopToMark()); break;
            default: return false;
        }
        return true;
    }

    private void PushGlobal(string module, string name) => stack.Push(TorchObjects.Global(file, module, name), ObjectBytes);

    private void PushNamedGlobal()
    {
        object?[] names = stack.Pop(2);
        if (names is not [string module, string name])
            throw stack.Damaged("names something that is not a text");
        PushGlobal(module, name);
    }

    private void PushNumber(long number) => stack.Push(number, NumberBytes);

    // Little-endian, signed, of any length; PyTorch has none beyond 8 bytes.
    private void PushLong(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > sizeof(long))
            throw stack.Damaged("holds a number of more than 64 bits");
        long number = bytes.Length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            number = number << 8 | bytes[i];
        PushNumber(number);
    }

    private void PushText(ulong length)
    {
        var bytes = TakeLong(length);
        stack.Spend(2L * bytes.Length);
        stack.Push(Encoding.UTF8.GetString(bytes), ObjectBytes);
    }

    private void PushBytes(ulong length)
    {
        TakeLong(length);
        stack.Push(null, 0);            // no tensor is made of them
    }

    private void PushTuple(object?[] items) => stack.Push(items, ObjectBytes + sizeof(long) * items.Length);

    private void SetItems(object?[] items)
    {
        if (stack.Peek() is not PickleDictionary dictionary || items.Length % 2 != 0)
            throw stack.Damaged("fills a dictionary that is none");
        stack.Spend((long)ItemBytes * items.Length);
        for (int i = 0; i < items.Length; i += 2)
            dictionary.Items.Add((items[i], items[i + 1]));
    }

    private void Append(object?[] items)
    {
        if (stack.Peek() is not List<object?> list)
            throw stack.Damaged("appends to a list that is none");
        stack.Spend((long)ItemBytes * items.Length);
        list.AddRange(items);
    }

    private void Reduce()
    {
        object?[] parts = stack.Pop(2);
        if (parts is not [PickleGlobal function, object?[] arguments])
            throw stack.Damaged("calls something that is not a function");
        stack.Push(TorchObjects.Call(stack, function, arguments), ObjectBytes);
    }

    // Attributes, such as the _metadata of a state dictionary: nothing that a tensor needs.
    private void Build()
    {
        stack.Pop();
        if (stack.Peek() is not (PickleDictionary or TorchTensor))
            throw stack.Damaged("sets attributes of something that has none");
    }

    private string Line()
    {
        ReadOnlySpan<byte> left = pickle.Bytes(position, (int)pickle.Length - position);
        int end = left.IndexOf((byte)'\n');
        if (end < 0)
            throw CheckpointException.PickleEnds(file, position);
        stack.Spend(2L * end + ObjectBytes);
        position += end + 1;
        return Encoding.UTF8.GetString(left[..end]);
    }

    private uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    private ReadOnlySpan<byte> TakeLong(ulong count) =>
        count <= (ulong)(pickle.Length - position) ? Take((int)count) : throw CheckpointException.PickleEnds(file, position);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > pickle.Length - position)
            throw CheckpointException.PickleEnds(file, position);
        position += count;
        return pickle.Bytes(position - count, count);
    }
}
