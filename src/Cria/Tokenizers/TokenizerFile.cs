namespace Cria.Tokenizers;

/// <summary>Finds the tokenizer file of a model and tells its kind by its first bytes: the name is the same for all.</summary>
internal static class TokenizerFile
{
    private const string FileName = "tokenizer.model";

    /// <summary>In bytes; no LLaMA has more than 4 MB.</summary>
    internal const long LargestFile = 16 << 20;

    /// <summary>In tokens; no LLaMA has more than 202,048.</summary>
    internal const int LargestVocabulary = 1 << 19;

    private const string Fix = "take tokenizer.model from the model's release. For Llama 3 on Hugging Face it is in the folder original/.";

    public static Tokenizer Load(string fileOrFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileOrFolder);
        string file = Directory.Exists(fileOrFolder) ? FileIn(fileOrFolder) : fileOrFolder;
        if (!File.Exists(file))
            throw TokenizerException.Absent(fileOrFolder, "no such file or folder", "check the path.");

        byte[] content = Content(file);
        if (RankFile.Looks(content))
            return RankFile.Read(file, content);
        if (LooksLikeSentencePiece(content))
            return Tokenizer.FromVocabulary(SentencePieceModel.Read(file, content));
        throw TokenizerException.Unreadable(file, What(content), Fix);
    }

    // A Hugging Face folder keeps Meta's own files, the rank file among them, in a folder "original".
    private static string FileIn(string folder)
    {
        foreach (string candidate in (string[])[Path.Combine(folder, FileName), Path.Combine(folder, "original", FileName)])
            if (File.Exists(candidate))
                return candidate;
        bool json = File.Exists(Path.Combine(folder, "tokenizer.json"));
        throw TokenizerException.Absent(folder, json ? "tokenizer.json only, another form of the same, which Cria does not read" : "no tokenizer.model",
            $"{Fix} Put it into {folder}.");
    }

    private static byte[] Content(string file)
    {
        using var stream = File.OpenRead(file);
        if (stream.Length is 0 or > LargestFile)
            throw TokenizerException.Unreadable(file, stream.Length == 0 ? "an empty file" : $"a file of {stream.Length:N0} bytes", Fix);
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    // The first field of the message, of number 1 to 5 and with a length: its pieces, usually, or its settings.
    private static bool LooksLikeSentencePiece(ReadOnlySpan<byte> content) => content[0] is 0x0A or 0x12 or 0x1A or 0x22 or 0x2A;

    private static string What(ReadOnlySpan<byte> content)
    {
        if (content.StartsWith("version https://git-lfs"u8))
            return "a Git LFS pointer, which stands for the file: 'git lfs pull' fetches it";
        if (content.StartsWith("GGUF"u8))
            return "a GGUF model: open it as a model, its vocabulary is inside";
        if (content.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
            return "a JSON file";
        return $"a file that begins with the bytes {Convert.ToHexString(content[..Math.Min(8, content.Length)])}";
    }
}
