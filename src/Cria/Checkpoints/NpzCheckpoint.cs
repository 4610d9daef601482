using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>The arrays of a numpy archive (<c>numpy.savez</c>): a zip of <c>.npy</c> files, each read where it stands.</summary>
/// <remarks><see href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"/>. Arrays of objects, which hold programs, have no type here.</remarks>
internal sealed partial class NpzCheckpoint : Checkpoint
{
    private const string Ending = ".npy";
    private const int LongestHeader = 1 << 16;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    private readonly StoredZip zip;
    private readonly Dictionary<string, TensorInfo> tensors = [];
    private readonly Dictionary<string, (long Start, long Length)> places = [];

    public NpzCheckpoint(string path, Backend device)
        : base(path, device)
    {
        zip = StoredZip.Open(path);
        try
        {
            foreach (var entry in zip.Entries.Where(entry => entry.Name.EndsWith(Ending, StringComparison.Ordinal)))
                Add(entry);
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    public override IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    public override JsonObject Config => throw CheckpointException.NoConfig(Name);

    public override string ConfigName => HuggingFaceFolder.ConfigFile;

    public override bool HasConfig => false;

    public override string Format => "numpy";

    protected override Storage Bytes(TensorInfo info) => zip.Bytes(places[info.Name].Start, places[info.Name].Length);

    protected override void Dispose(bool disposing) => zip.Dispose();

    private void Add(ZipEntry entry)
    {
        string name = entry.Name[..^Ending.Length];
        var bytes = zip.Bytes(entry).Bytes(0, (int)Math.Min(entry.Length, LongestHeader));
        int lengthBytes = bytes.Length > 6 && bytes[6] == 1 ? 2 : 4, head = 8 + lengthBytes;
        if (bytes.Length < head || !bytes.StartsWith(Magic))
            throw CheckpointException.BadNpy(Name, entry.Name);
        long length = lengthBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > bytes.Length - head || Header().Match(Encoding.Latin1.GetString(bytes.Slice(head, (int)length))) is not { Success: true } header)
            throw CheckpointException.BadNpy(Name, entry.Name);
        Add(name, header, entry.Start + head + length, entry.Length - head - length);
    }

    private void Add(string name, Match header, long start, long length)
    {
        if (header.Groups["fortran"].Value == "True")
            throw CheckpointException.FortranOrder(Name, name);
        long[] axes = [.. AxisLength().Matches(header.Groups["shape"].Value).Select(axis => long.TryParse(axis.ValueSpan, CultureInfo.InvariantCulture, out long size) ? size : -1)];
        if (axes.Length > Shape.MaxRank)
            throw CheckpointException.TooManyAxes(Name, name);
        if (axes.Any(size => size is < 0 or > int.MaxValue))
            throw CheckpointException.BadNpy(Name, name);
        var shape = new Shape(axes);
        var type = header.Groups["type"].Value switch { "<f4" => DataType.F32, "<f2" => DataType.F16, _ => null };
        Check(name, shape, type, length);
        tensors.Add(name, new TensorInfo(name, type, type?.Name ?? header.Groups["type"].Value, shape, Name));
        places.Add(name, (start, length));
    }

    private void Check(string name, Shape shape, DataType? type, long length)
    {
        try
        {
            _ = shape.Rows;
            if (type is not null && type.Bytes(shape.Length) != length)
                throw CheckpointException.WrongLength(Name, name, type.Name, shape, type.Bytes(shape.Length), length);
        }
        catch (OverflowException)
        {
            throw CheckpointException.TooLarge(Name, name, shape.ToString());
        }
    }

    [GeneratedRegex(@"^\s*\{\s*'descr':\s*'(?<type>[^']{1,16})',\s*'fortran_order':\s*(?<fortran>True|False),\s*'shape':\s*\((?<shape>[0-9, ]*)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Header();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex AxisLength();
}
