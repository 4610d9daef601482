using System.Security.Cryptography;

namespace Cria.Tensors;

/// <summary>Compiled kernels in a folder, so that a second run starts at once. It may be deleted, damaged or read-only: then kernels are compiled anew.</summary>
/// <param name="folder">Where; null keeps nothing.</param>
internal sealed class KernelCache(string? folder)
{
    /// <summary>The file's code, or null. A file begins with the digest of the rest: one that was cut off or changed is not believed.</summary>
    public byte[]? Find(string hash)
    {
        if (folder is null)
            return null;
        try
        {
            byte[] file = File.ReadAllBytes(PathOf(hash));
            bool isWhole = file.Length > SHA256.HashSizeInBytes
                && SHA256.HashData(file.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(file.AsSpan(0, SHA256.HashSizeInBytes));
            return isWhole ? file[SHA256.HashSizeInBytes..] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps code, written aside and renamed: two processes may do so at once. A folder that refuses is no error.</summary>
    public void Keep(string hash, byte[] code)
    {
        if (folder is null)
            return;
        try
        {
            Directory.CreateDirectory(folder);
            string aside = Path.Combine(folder, Path.GetRandomFileName());
            File.WriteAllBytes(aside, [.. SHA256.HashData(code), .. code]);
            File.Move(aside, PathOf(hash), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string PathOf(string hash) => Path.Combine(folder!, hash + ".cubin");
}
