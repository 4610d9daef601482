using System.Text.Json;

namespace Cria.Tests.Tokenizers;

/// <summary>Texts with the ids that other implementations give them.</summary>
internal static class Vectors
{
    /// <summary>All pairs for Llama 2, without the begin token.</summary>
    public static IEnumerable<(string Text, int[] Ids)> Llama2() =>
        new[] { "hf_hub_llama_tokenizer", "llama_tokenizer_js" }
            .SelectMany(list => FromJson("vectors/tokenizers/llama2.json", list, "ids_with_bos"))
            .Select(pair => (pair.Text, pair.Ids[1..]))
            .Concat(FromLines("vectors/llama.cpp/ggml-vocab-llama-spm.gguf"));

    /// <summary>All pairs for Llama 3, without the begin token. One holds names of special tokens that its author's program turned into their ids.</summary>
    public static IEnumerable<(string Text, int[] Ids)> Llama3() =>
        FromJson("vectors/tokenizers/llama3.json", "llama3_tokenizer_js", "ids")
            .Where(pair => !pair.Text.Contains("<|", StringComparison.Ordinal))
            .Concat(FromLines("vectors/llama.cpp/ggml-vocab-llama-bpe.gguf"));

    /// <summary>What Hugging Face's tokenizers make of texts that are easily got wrong, for one of llama2, llama3, llama4 and mistral.</summary>
    public static IEnumerable<(string Text, int[] Ids)> HuggingFace(string vocabulary)
    {
        foreach (string line in File.ReadLines(TestData.Fixture("golden/tokenizers/huggingface.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            yield return Pair(json.RootElement, vocabulary);
        }
    }

    /// <summary>The pairs of one list of a JSON file of vectors.</summary>
    public static IEnumerable<(string Text, int[] Ids)> FromJson(string relative, string list, string ids)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestData.Path(relative)));
        foreach (var pair in json.RootElement.GetProperty(list).EnumerateArray())
            yield return Pair(pair, ids);
    }

    /// <summary>The pairs of a file of texts, divided by lines of <c>__ggml_vocab_test__</c>, and a file with a line of ids for each.</summary>
    public static IEnumerable<(string Text, int[] Ids)> FromLines(string relative)
    {
        string[] texts = File.ReadAllText(TestData.Path(relative + ".inp")).Split("\n__ggml_vocab_test__\n");
        string[] lines = File.ReadAllText(TestData.Path(relative + ".out")).Split('\n');
        return texts.Zip(lines, (text, line) => (text, Ids(line)));
    }

    private static (string Text, int[] Ids) Pair(JsonElement pair, string ids) =>
        (pair.GetProperty("text").GetString()!, [.. pair.GetProperty(ids).EnumerateArray().Select(id => id.GetInt32())]);

    private static int[] Ids(string line) => [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
