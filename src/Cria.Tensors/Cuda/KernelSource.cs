using System.Security.Cryptography;
using System.Text;

namespace Cria.Tensors;

/// <summary>One <c>.cu</c> file of this assembly, compiled for one type of activations.</summary>
/// <param name="Name">Without its extension, such as <c>rms_norm</c>.</param>
/// <param name="Text">The file.</param>
/// <param name="Headers">What it may include, by name.</param>
/// <param name="Options">For the compiler.</param>
internal sealed record KernelSource(string Name, string Text, IReadOnlyDictionary<string, string> Headers, IReadOnlyList<string> Options)
{
    private const string HeaderEnd = ".cuh";

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its name, and behind it definitions for the compiler, if any: <c>attention_tensor HEAD=128</c>.</param>
    /// <param name="activations">The type that <c>act</c> stands for in it.</param>
    public static KernelSource Read(string file, DataType activations)
    {
        string[] words = file.Split(' ');
        string name = words[0];
        var assembly = typeof(KernelSource).Assembly;
        var headers = assembly.GetManifestResourceNames().Where(resource => resource.EndsWith(HeaderEnd, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return new KernelSource(
            name, Resource(name + ".cu"), headers.ToDictionary(header => header, Resource),
            [activations == DataType.BF16 ? "-DACT_BF16=1" : "-DACT_F32=1", .. words[1..].Select(word => $"-D{word}")]);

        string Resource(string resource)
        {
            using var stream = assembly.GetManifestResourceStream(resource)
                ?? throw new ArgumentException($"There is no kernel file {resource} in this assembly.", nameof(file));
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return reader.ReadToEnd();
        }
    }

    /// <summary>A name for what comes out when this is compiled by a certain compiler: any change gives another.</summary>
    public string Hash(string compiler)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in new[] { compiler, Name, Text }.Concat(Headers.SelectMany(header => new[] { header.Key, header.Value })).Concat(Options))
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(part));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
