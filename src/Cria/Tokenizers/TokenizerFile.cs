namespace Cria.Tokenizers;

/// <summary>Finds the tokenizer file of a model and tells its kind by its first bytes: several kinds share a name.</summary>
/// <remarks>
/// Of several files in a folder <c>tokenizer.json</c> is read first: fine-tuned models keep the tokens that they add there. Then <c>tokenizer.model</c>, with
/// the added tokens that <c>tokenizer_config.json</c> or <c>added_tokens.json</c> names, then <c>original/tokenizer.model</c>, Meta's own. The ids of text
/// are the same in all.
/// </remarks>
internal static class TokenizerFile
{
    private const string Json = "tokenizer.json", Model = "tokenizer.model";

    /// <summary>In bytes; Llama 4's tokenizer.json has 28 MB, and no LLaMA's tokenizer.model more than 4 MB.</summary>
    internal const int LargestFile = 64 << 20;

    /// <summary>In tokens; no LLaMA has more than 202,048.</summary>
    internal const int LargestVocabulary = 1 << 19;

    private const string Fix = "take tokenizer.json or tokenizer.model from the model's release.";

    public static Tokenizer Load(string fileOrFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileOrFolder);
        if (!Directory.Exists(fileOrFolder))
            return File.Exists(fileOrFolder)
                ? Read(fileOrFolder, TokenizerSettings.None)
                : throw TokenizerException.Absent(fileOrFolder, "no such file or folder", "check the path.");
        string file = FileIn(fileOrFolder)
            ?? throw TokenizerException.Absent(fileOrFolder, "neither tokenizer.json nor tokenizer.model", $"{Fix} Put it into {fileOrFolder}.");
        return Read(file, TokenizerSettings.Read(fileOrFolder));
    }

    /// <summary>The file that a folder's tokenizer is read from, or null.</summary>
    public static string? FileIn(string folder) =>
        new[] { Path.Combine(folder, Json), Path.Combine(folder, Model), Path.Combine(folder, "original", Model) }.FirstOrDefault(File.Exists);

    /// <summary>All bytes of a file of bounded length.</summary>
    public static byte[] Content(string file, int most)
    {
        using var stream = File.OpenRead(file);
        if (stream.Length > most)
            throw TokenizerException.Unreadable(file, $"a file of {stream.Length:N0} bytes", Fix);
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static Tokenizer Read(string file, TokenizerSettings settings)
    {
        ReadOnlySpan<byte> content = Content(file, LargestFile);
        if (content.IsEmpty)
            throw TokenizerException.Unreadable(file, "an empty file", Fix);
        if (content.StartsWith("\uFEFF"u8))
            content = content[3..];         // the mark that some editors on Windows put first
        if (content.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
            return Tokenizer.FromVocabulary(TokenizerJson.Read(file, content, settings));
        if (RankFile.Looks(content))
            return RankFile.Read(file, content, settings);
        if (LooksLikeSentencePiece(content))
            return Tokenizer.FromVocabulary(settings.ApplyWithAdded(SentencePieceModel.Read(file, content)));
        throw TokenizerException.Unreadable(file, What(content), Fix);
    }

    // The first field of the message, of number 1 to 5 and with a length: its pieces, usually, or its settings.
    private static bool LooksLikeSentencePiece(ReadOnlySpan<byte> content) => content[0] is 0x0A or 0x12 or 0x1A or 0x22 or 0x2A;

    private static string What(ReadOnlySpan<byte> content)
    {
        if (content.StartsWith("version https://git-lfs"u8))
            return "a Git LFS pointer, which stands for the file: 'git lfs pull' fetches it";
        if (content.StartsWith("GGUF"u8))
            return "a GGUF model: open it as a model, its vocabulary is inside";
        return $"a file that begins with the bytes {Convert.ToHexString(content[..Math.Min(8, content.Length)])}";
    }
}
