using System.IO.Compression;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

/// <summary>Every form of the vocabularies of Llama 2, 3, 3.1 and 4 that there is, real or written by us, each read once.</summary>
internal static class KnownForms
{
    private static readonly Dictionary<string, Lazy<Tokenizer>> All = new()
    {
        ["llama2 model"] = new(() => Known.Llama2),
        ["llama2 gguf"] = new(() => Llama.LoadTokenizer(TestData.Path("tokenizers/gguf/ggml-vocab-llama-spm.gguf"))),
        ["llama2 lists"] = new(() => Tokenizer.FromVocabulary(Known.Llama2.ToVocabulary())),
        ["llama2 written json"] = new(() => Written(Known.Llama2, "tokenizer.json")),
        ["llama2 written model"] = new(() => Written(Known.Llama2, "tokenizer.model")),
        ["llama3 model"] = new(() => Known.Llama3),
        ["llama3 json"] = new(() => Json("llama3")),
        ["llama3.1 json"] = new(() => Json("llama3_1")),
        ["llama3 lists"] = new(() => Tokenizer.FromVocabulary(Known.Llama3.ToVocabulary())),
        ["llama3 written json"] = new(() => Written(Known.Llama3, "tokenizer.json")),
        ["llama4 model"] = new(() => Known.Llama4),
        ["llama4 lists"] = new(() => Tokenizer.FromVocabulary(Known.Llama4.ToVocabulary())),
        ["llama4 written json"] = new(() => Written(Known.Llama4, "tokenizer.json")),
    };

    public static Tokenizer Of(string form) => All[form].Value;

    /// <summary>The names of the forms of some generations, all by default.</summary>
    public static TheoryData<string> Names(params string[] generations) =>
        [.. All.Keys.Where(name => generations.Length == 0 || generations.Any(generation => name.StartsWith(generation, StringComparison.Ordinal)))];

    /// <summary>A folder of Hugging Face with a tokenizer.json of the test data, unpacked.</summary>
    public static TemporaryFolder JsonFolder(string name)
    {
        string packed = TestData.Path($"tokenizers/{name}/tokenizer.json.gz");
        var folder = TestData.Folder();
        using var from = new GZipStream(File.OpenRead(packed), CompressionMode.Decompress);
        using var to = File.Create(folder.File("tokenizer.json"));
        from.CopyTo(to);
        File.Copy(TestData.Path($"tokenizers/{name}/tokenizer_config.json"), folder.File("tokenizer_config.json"));
        return folder;
    }

    /// <summary>The tokenizer.json of the test data under that name.</summary>
    public static Tokenizer Json(string name)
    {
        using var folder = JsonFolder(name);
        return Tokenizer.Load(folder.Path);
    }

    private static Tokenizer Written(Tokenizer tokenizer, string file)
    {
        using var folder = TestData.Folder();
        TokenizerFolder.Write(tokenizer.ToVocabulary(), chatTemplate: null, folder.Path);
        foreach (string other in Directory.GetFiles(folder.Path, "tokenizer.*").Where(path => Path.GetFileName(path) != file))
            File.Delete(other);
        return Tokenizer.Load(folder.Path);
    }
}
