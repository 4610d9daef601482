using System.IO.Compression;
using System.Text.Json;
using ZstdSharp;

namespace CriaTiny.Tools;

/// <summary>One book or story; <c>HeldOut</c> is the data set's own split field (valid, not train).</summary>
internal sealed record Book(string Author, string Title, bool HeldOut, string Text)
{
    /// <summary>Reads JSON lines with the keys author, title, split and text; all but text may be missing.</summary>
    public static List<Book> ReadAll(string path)
    {
        var books = new List<Book>();
        using var reader = new StreamReader(Decompress(path));
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            books.Add(new Book(Field(root, "author"), Field(root, "title"), IsHeldOut(root, path), root.GetProperty("text").GetString()!));
        }

        return books;
    }

    private static string Field(JsonElement root, string key) =>
        root.TryGetProperty(key, out var value) ? value.GetString() ?? "" : "";

    private static bool IsHeldOut(JsonElement root, string path) => Field(root, "split") switch
    {
        "" or "train" => false,
        "valid" => true,
        var other => throw new InvalidDataException($"{path}: split is \"{other}\"; expected train or valid."),
    };

    private static Stream Decompress(string path)
    {
        var file = File.OpenRead(path);
        return Path.GetExtension(path) == ".zst"
            ? new DecompressionStream(file, leaveOpen: false)
            : new GZipStream(file, CompressionMode.Decompress);
    }
}
