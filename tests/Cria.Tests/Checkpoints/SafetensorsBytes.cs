using System.Buffers.Binary;
using System.Text;

namespace Cria.Tests.Checkpoints;

/// <summary>Safetensors files with any header, right or wrong, and zeros for data.</summary>
internal static class SafetensorsBytes
{
    public static byte[] Make(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[sizeof(ulong) + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, sizeof(ulong));
        return bytes;
    }

    public static string Write(string path, string header, int dataBytes)
    {
        File.WriteAllBytes(path, Make(header, dataBytes));
        return path;
    }

    public static string Header(params string[] entries) => "{" + string.Join(',', entries) + "}";

    /// <summary>A file that holds these tensors, one after another.</summary>
    public static byte[] Make(params (string Name, string Type, long[] Shape, byte[] Data)[] tensors)
    {
        long at = 0;
        string header = Header([.. tensors.Select(tensor => Entry(
            tensor.Name, tensor.Type, $"[{string.Join(',', tensor.Shape)}]", at, at += tensor.Data.Length))]);
        return [.. Make(header, 0), .. tensors.SelectMany(tensor => tensor.Data)];
    }

    /// <summary>One line of a header.</summary>
    public static string Entry(string name, string type, string shape, long start, long end) =>
        $$"""
        "{{name}}": {"dtype": "{{type}}", "shape": {{shape}}, "data_offsets": [{{start}}, {{end}}]}
        """;
}
