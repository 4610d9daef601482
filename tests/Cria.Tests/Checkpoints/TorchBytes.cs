using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

/// <summary>Makes PyTorch files, right or wrong.</summary>
internal sealed class TorchBytes
{
    private readonly List<(string Name, View View)> tensors = [];
    private readonly List<(StorageEntry Entry, byte[]? Content, long Length)> storages = [];

    /// <summary>Which numbers of a storage a tensor has, as PyTorch counts them.</summary>
    public sealed record View(StorageEntry Storage, long Offset, long[] Sizes, long[] Strides);

    /// <summary>An entry of the archive: its key, the name of its type in torch, and how many numbers it claims.</summary>
    public sealed record StorageEntry(string Key, string Type, long Count);

    /// <summary>The names of the dictionaries around the tensors, the outermost first.</summary>
    public string[] Wrappers { get; set; } = [];

    public TorchBytes Tensor(string name, Tensor tensor)
    {
        byte[] content = tensor.Storage.Bytes(0, (int)tensor.Storage.Length).ToArray();
        return Tensor(name, TypeName(tensor.Type), content, [.. Enumerable.Range(0, tensor.Shape.Rank).Select(axis => tensor.Shape[axis])]);
    }

    public TorchBytes Floats(string name, float[] numbers, params long[] sizes) =>
        Tensor(name, "FloatStorage", [.. numbers.SelectMany(BitConverter.GetBytes)], sizes);

    public TorchBytes Tensor(string name, string type, byte[] content, params long[] sizes) =>
        Add(name, new View(Storage(type, Count(sizes), content, content.Length), 0, sizes, RowMajor(sizes)));

    /// <summary>A bf16 tensor whose numbers take no space on the disk.</summary>
    public TorchBytes Hole(string name, params long[] sizes) =>
        Add(name, new View(Storage("BFloat16Storage", Count(sizes), null, 2 * Count(sizes)), 0, sizes, RowMajor(sizes)));

    /// <summary>Another view of the storage of the last tensor.</summary>
    public TorchBytes ViewOfLast(string name, long offset, long[] sizes, long[] strides) =>
        Add(name, new View(tensors[^1].View.Storage, offset, sizes, strides));

    /// <summary>A tensor of whatever it claims, without an entry of its own.</summary>
    public TorchBytes Add(string name, View view)
    {
        tensors.Add((name, view));
        return this;
    }

    public byte[] Make()
    {
        using var stream = new MemoryStream();
        Write(stream, Pickle());
        return stream.ToArray();
    }

    public string Write(string path)
    {
        using var stream = File.Create(path);
        Write(stream, Pickle());
        return path;
    }

    /// <summary>An archive around another pickle.</summary>
    public byte[] Make(byte[] pickle)
    {
        using var stream = new MemoryStream();
        Write(stream, pickle);
        return stream.ToArray();
    }

    private void Write(Stream stream, byte[] pickle)
    {
        var zip = new ZipBytes(stream).Add("archive/data.pkl", pickle).Add("archive/byteorder", "little"u8);
        foreach (var (entry, content, length) in storages)
        {
            if (content is null)
                zip.AddHole($"archive/data/{entry.Key}", length);
            else
                zip.Add($"archive/data/{entry.Key}", content);
        }
        zip.Add("archive/version", "3\n"u8).End();
    }

    private byte[] Pickle()
    {
        var pickle = new PickleBytes();
        foreach (string wrapper in Wrappers)
            pickle.Raw((byte)'}').Put().Mark().Text("epoch").Number(3).Text(wrapper);
        pickle.OrderedDictionary().Mark();
        foreach (var (name, view) in tensors)
            pickle.Text(name).Tensor(view);
        pickle.SetItems();

        // The attributes that a state dictionary has: {"_metadata": {"": {"version": 1}}}.
        pickle.Raw((byte)'}').Text("_metadata").OrderedDictionary().Raw((byte)'s', (byte)'b');
        foreach (string _ in Wrappers)
            pickle.SetItems();
        return pickle.End();
    }

    private StorageEntry Storage(string type, long count, byte[]? content, long length)
    {
        var entry = new StorageEntry($"{storages.Count}", type, count);
        storages.Add((entry, content, length));
        return entry;
    }

    private static string TypeName(DataType type) => type.Name switch
    {
        "f16" => "HalfStorage",
        "bf16" => "BFloat16Storage",
        _ => "FloatStorage",
    };

    private static long Count(long[] sizes) => sizes.Aggregate(1L, (a, b) => a * b);

    private static long[] RowMajor(long[] sizes)
    {
        var strides = new long[sizes.Length];
        for (int i = sizes.Length - 1, stride = 1; i >= 0; stride *= (int)sizes[i--])
            strides[i] = stride;
        return strides;
    }
}
