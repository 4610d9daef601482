using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>One mapped GGUF file, version 2 or 3: metadata, the list of tensors, the data.</summary>
/// <remarks>
/// <see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>. Any architecture can be opened here, for its vocabulary or to be
/// shown; <see cref="Checkpoint.Open"/> is for models.
/// </remarks>
public sealed class GgufFile : IDisposable
{
    private const int DefaultAlignment = 32;

    private readonly MappedFile file;
    private readonly long data;
    private readonly List<GgufTensor> tensors = [];

    private GgufFile(string name, MappedFile file)
    {
        (Name, this.file) = (name, file);
        var reader = new GgufReader(name, file.Slice(0, file.Length));
        if (file.Length < Magic.Length || !file.Slice(0, Magic.Length).Bytes(0, Magic.Length).SequenceEqual(Magic))
            throw CheckpointException.NotGguf(name, file.Length);
        reader.Position = Magic.Length;
        Version = ReadVersion(reader);
        int tensorCount = reader.Count("the number of tensors", GgufTensor.SmallestBytes);
        if (tensorCount > Checkpoint.MaxTensors)
            throw CheckpointException.TooManyTensors(name);
        int keyCount = reader.Count("the number of metadata keys", 8 + 4 + 1);
        Metadata = new GgufMetadata(name, reader, keyCount);

        int alignment = ReadAlignment();
        for (int i = 0; i < tensorCount; i++)
            tensors.Add(GgufTensor.Read(name, reader, alignment));
        data = (reader.Position + alignment - 1) / alignment * alignment;
        CheckPlaces();
    }

    /// <summary>The file as messages name it.</summary>
    public string Name { get; }

    /// <summary>The version of the format, 2 or 3; they differ in nothing that is read here.</summary>
    public int Version { get; }

    /// <summary>The keys and values.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors, in the order and with the names of the file.</summary>
    public IReadOnlyList<GgufTensor> Tensors => tensors;

    internal static ReadOnlySpan<byte> Magic => "GGUF"u8;

    /// <summary>Whether a file begins as this format does, whatever its name.</summary>
    /// <exception cref="CheckpointException">It is a pipe, or cannot be opened.</exception>
    internal static bool Is(string path) => FileMapping.FirstBytes(path, Magic.Length).AsSpan().SequenceEqual(Magic);

    /// <summary>Opens a file and checks every statement at its head.</summary>
    /// <exception cref="CheckpointException">It cannot be opened, or a statement is wrong.</exception>
    public static GgufFile Open(string path)
    {
        var file = FileMapping.Open(path);
        try
        {
            return new GgufFile(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file: metadata and tensors must not be used any more.</summary>
    public void Dispose()
    {
        Metadata.Close();
        file.Dispose();
    }

    internal Storage Bytes(GgufTensor tensor) => file.Slice(data + tensor.Start, tensor.Length);

    private int ReadVersion(GgufReader reader)
    {
        uint version = reader.U32("the version");
        return version is 2 or 3 ? (int)version : throw CheckpointException.GgufVersion(Name, version);
    }

    private int ReadAlignment()
    {
        long alignment = Metadata.GetInteger("general.alignment") ?? DefaultAlignment;
        bool powerOfTwo = alignment is > 0 and <= 1 << 20 && (alignment & (alignment - 1)) == 0;
        return powerOfTwo ? (int)alignment : throw CheckpointException.GgufAlignment(Name, alignment);
    }

    private void CheckPlaces()
    {
        var names = new HashSet<string>();
        long end = 0, length = Math.Max(0, file.Length - data);
        string before = "";
        foreach (var tensor in tensors.OrderBy(t => t.Start).ThenBy(t => t.Length))
        {
            if (!names.Add(tensor.Name))
                throw CheckpointException.Duplicate(Name, tensor.Name);
            if (tensor.Start > length - tensor.Length)
                throw CheckpointException.OutsideFile(Name, tensor.Name, tensor.Start, (ulong)tensor.Start + (ulong)tensor.Length, length);
            if (tensor.Start < end)
                throw CheckpointException.Overlap(Name, before, tensor.Name);
            (end, before) = (tensor.Start + tensor.Length, tensor.Name);
        }
    }
}
