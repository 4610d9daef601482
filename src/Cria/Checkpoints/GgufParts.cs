namespace Cria.Checkpoints;

/// <summary>A model split into several GGUF files: <c>name-00001-of-00003.gguf</c> and so on, in one folder. The first has the metadata.</summary>
internal static class GgufParts
{
    private const int MaxParts = 99_999;    // the names have room for no more

    public static string Suffix(long number, long count) => $"-{number:D5}-of-{count:D5}.gguf";

    /// <summary>All files of the model that starts in <paramref name="path"/>.</summary>
    public static List<GgufFile> Open(string path)
    {
        var files = new List<GgufFile> { GgufFile.Open(path) };
        try
        {
            long count = CountOf(files[0]);
            if (NumberOf(files[0]) != 0)
                throw CheckpointException.NotFirstPart(path, NumberOf(files[0]), count);
            if (count > 1 && !path.EndsWith(Suffix(1, count), StringComparison.Ordinal))
                throw CheckpointException.PartName(path, count);
            for (long number = 2; number <= count; number++)
                files.Add(OpenPart(path, number, count));
            CheckTotal(path, files);
            return files;
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static GgufFile OpenPart(string first, long number, long count)
    {
        string part = first[..^Suffix(1, count).Length] + Suffix(number, count);
        if (!File.Exists(part))
            throw CheckpointException.MissingPart(first, Path.GetFileName(part));
        var file = GgufFile.Open(part);
        if (CountOf(file) == count && NumberOf(file) == number - 1)
            return file;
        file.Dispose();
        throw CheckpointException.PartsDisagree(first, part);
    }

    // The later parts say nothing of the model, so this number is all that tells parts of another one.
    private static void CheckTotal(string path, List<GgufFile> files)
    {
        long found = files.Sum(file => (long)file.Tensors.Count);
        if (files.Count > 1 && files[0].Metadata.GetInteger("split.tensors.count") is { } expected && expected != found)
            throw CheckpointException.PartsIncomplete(path, expected, found);
    }

    private static long NumberOf(GgufFile file) => file.Metadata.GetInteger("split.no") ?? 0;

    private static long CountOf(GgufFile file)
    {
        long count = file.Metadata.GetInteger("split.count") ?? 1;
        return count is >= 0 and <= MaxParts      // 0 stands in some files that are whole
            ? Math.Max(1, count)
            : throw CheckpointException.GgufKeyRange(file.Name, "split.count", $"1 to {MaxParts:N0}", $"{count:N0}");
    }
}
