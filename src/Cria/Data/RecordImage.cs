namespace Cria.Data;

/// <summary>Where the features of the image that a record shows are: a tensor in a <c>.safetensors</c> file.</summary>
/// <param name="File">The file.</param>
/// <param name="Tensor">The name of the tensor in it; null for the only one.</param>
public sealed record RecordImage(string File, string? Tensor)
{
    /// <summary>The key of a record, of any format, that names its image.</summary>
    internal const string Field = "image";

    private const string Extension = ".safetensors";

    /// <summary>From <c>cat.safetensors</c>, <c>cats.safetensors#tabby</c>, or <c>cat.jpg</c>, whose features stand beside it in <c>cat.safetensors</c>.</summary>
    /// <param name="typed">As above.</param>
    /// <param name="folder">What the path starts from; empty for the present folder.</param>
    public static RecordImage Parse(string typed, string folder)
    {
        ArgumentNullException.ThrowIfNull(typed);
        int mark = typed.IndexOf($"{Extension}#", StringComparison.OrdinalIgnoreCase);
        string path = mark < 0 ? typed : typed[..(mark + Extension.Length)];
        string full = Path.Combine(folder, path);
        return new(
            full.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? full : Path.ChangeExtension(full, Extension),
            mark < 0 ? null : typed[(mark + Extension.Length + 1)..]);
    }

    /// <summary>What a record shows, or null.</summary>
    /// <exception cref="DataException">It names an image that has no features.</exception>
    internal static RecordImage? Of(DataRecord record)
    {
        if (record.TextOrEmpty(Field) is not { Length: > 0 } typed)
            return null;
        var image = Parse(typed, Path.GetDirectoryName(record.Origin.File) ?? "");
        return System.IO.File.Exists(image.File)
            ? image
            : throw record.Bad(DataFault.Image, $"the image '{typed}' has no features: there is no file {image.File}. Images enter as features that an encoder made of them.");
    }

    /// <inheritdoc/>
    public override string ToString() => Tensor is null ? File : $"{File}#{Tensor}";
}
