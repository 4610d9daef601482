using System.Text;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>One mapped PyTorch file, as <c>torch.save</c> has written them since version 1.6: a zip archive of a pickle and one entry for each storage.</summary>
/// <remarks>PyTorch: torch/serialization.py and caffe2/serialize/inline_container.h. Storages are read where they stand.</remarks>
internal sealed class TorchFile : IDisposable
{
    private const string PickleName = "data.pkl";

    private readonly StoredZip zip;
    private readonly string root;
    private readonly Dictionary<string, TorchTensor> tensors;

    private TorchFile(StoredZip zip)
    {
        this.zip = zip;
        var pickle = zip.Entries.FirstOrDefault(entry => entry.Name.EndsWith($"/{PickleName}", StringComparison.Ordinal) && entry.Name.Count(c => c == '/') == 1)
            ?? throw CheckpointException.NotTorch(zip.Name);
        root = pickle.Name[..^PickleName.Length];
        CheckKind();
        if (pickle.Length > PickleReader.MaxLength)
            throw CheckpointException.PickleTooLarge(zip.Name);
        tensors = TorchState.Tensors(zip.Name, PickleReader.Read(zip.Name, zip.Bytes(pickle)));
        foreach (var (name, tensor) in tensors)
            Tensors.Add(Check(name, tensor));
    }

    /// <summary>The file as messages name it.</summary>
    public string Name => zip.Name;

    public List<TensorInfo> Tensors { get; } = [];

    /// <summary>Opens a file; one of the forms before version 1.6 is refused.</summary>
    public static TorchFile Open(string path)
    {
        byte[] start = FileMapping.FirstBytes(path, LegacyTorch.HeadBytes);
        if (LegacyTorch.Is(start))
            throw CheckpointException.LegacyTorch(path);
        if (!start.AsSpan().StartsWith(StoredZip.Magic))
            throw CheckpointException.NotTorch(path);
        var zip = StoredZip.Open(path);
        try
        {
            return new TorchFile(zip);
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    public bool Holds(string tensor) => tensors.ContainsKey(tensor);

    /// <summary>The bytes of a tensor, one row after another: those of the file, unless the tensor is a transposed or otherwise strided view of them.</summary>
    public Storage Bytes(string name)
    {
        var tensor = tensors[name];
        int size = TorchObjects.SizeOf(tensor.TypeName);
        long start = EntryOf(name, tensor).Start + tensor.Offset * size;
        long count = new Shape(tensor.Sizes).Length;
        return count == 0 || TorchStrides.AreContiguous(tensor)
            ? zip.Bytes(start, count * size)
            : TorchStrides.Gather(tensor, zip.Bytes(start, TorchStrides.Reach(tensor) * size), size);
    }

    public void Dispose() => zip.Dispose();

    private void CheckKind()
    {
        if (zip.Find($"{root}constants.pkl") is not null)
            throw CheckpointException.TorchScript(Name);
        if (zip.Find($"{root}byteorder") is { Length: < 16 } order && Encoding.UTF8.GetString(zip.Bytes(order).Bytes(0, (int)order.Length)).Trim() == "big")
            throw CheckpointException.BigEndian(Name);
    }

    private TensorInfo Check(string name, TorchTensor tensor)
    {
        if (tensor.Sizes.Length > Shape.MaxRank)
            throw CheckpointException.TooManyAxes(Name, name);
        var shape = new Shape(tensor.Sizes);
        var entry = EntryOf(name, tensor);
        int size = TorchObjects.SizeOf(tensor.TypeName);
        try
        {
            long claimed = checked(tensor.Storage.Count * (tensor.Storage.TypeName is null ? 1 : TorchObjects.SizeOf(tensor.Storage.TypeName)));
            if (claimed != entry.Length)
                throw CheckpointException.StorageLength(Name, name, entry.Name, claimed, entry.Length);
            long end = checked((tensor.Offset + TorchStrides.Reach(tensor)) * size);
            if (end > entry.Length)
                throw CheckpointException.OutsideFile(Name, name, tensor.Offset * size, (ulong)end, entry.Length);
            _ = (shape.Rows, shape.Columns);
            if (checked(shape.Length * size) > entry.Length)
                throw CheckpointException.Repeated(Name, name, shape, entry.Length);
        }
        catch (OverflowException)
        {
            throw CheckpointException.TooLarge(Name, name, shape.ToString());
        }
        var type = tensor.TypeName is "f32" or "f16" or "bf16" ? DataType.Parse(tensor.TypeName) : null;
        return new TensorInfo(name, type, tensor.TypeName, shape, Name);
    }

    private ZipEntry EntryOf(string name, TorchTensor tensor) =>
        zip.Find($"{root}data/{tensor.Storage.Key}") ?? throw CheckpointException.NoStorage(Name, name, $"data/{tensor.Storage.Key}");
}

/// <summary>The two forms of PyTorch before version 1.6: a pickle that starts with a magic number, and before it a tar archive.</summary>
internal static class LegacyTorch
{
    public const int HeadBytes = 264;

    private const int TarMark = 257;

    // Protocol 2, and the number 0x1950a86a20f9469cfc6c of ten bytes.
    private static ReadOnlySpan<byte> Magic => [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    public static bool Is(ReadOnlySpan<byte> start) =>
        start.StartsWith(Magic) || (start.Length >= HeadBytes - 2 && start[TarMark..].StartsWith("ustar"u8));
}
