using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Cria.Tensors.Tests;

/// <summary>The tensors of a safetensors file under tests/fixtures: just enough of the format for our own files.</summary>
internal sealed class Fixture
{
    private readonly byte[] file;
    private readonly JsonElement header;
    private readonly int start;

    public Fixture(string name)
    {
        file = File.ReadAllBytes(Path.Combine(Checkout(), "tests", "fixtures", name));
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        header = JsonDocument.Parse(file.AsMemory(8, length)).RootElement;
        start = 8 + length;
    }

    public byte[] Bytes(string name)
    {
        var range = header.GetProperty(name).GetProperty("data_offsets");
        return file[(start + range[0].GetInt32())..(start + range[1].GetInt32())];
    }

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray();

    public Shape Shape(string name) => new([.. header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(n => n.GetInt64())]);

    private static string Checkout()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cria.slnx")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Cria.slnx.");
    }
}
