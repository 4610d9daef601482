using System.Text.Json;

namespace Cria.Tests.Tokenizers;

/// <summary>Texts with the ids that other implementations give them.</summary>
internal static class Vectors
{
    /// <summary>The pairs of one list of a JSON file of vectors.</summary>
    public static IEnumerable<(string Text, int[] Ids)> FromJson(string relative, string list, string ids)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestData.Path(relative)));
        foreach (var pair in json.RootElement.GetProperty(list).EnumerateArray())
            yield return (pair.GetProperty("text").GetString()!, [.. pair.GetProperty(ids).EnumerateArray().Select(id => id.GetInt32())]);
    }

    /// <summary>The pairs of a file of texts, divided by lines of <c>__ggml_vocab_test__</c>, and a file with a line of ids for each.</summary>
    public static IEnumerable<(string Text, int[] Ids)> FromLines(string relative)
    {
        string[] texts = File.ReadAllText(TestData.Path(relative + ".inp")).Split("\n__ggml_vocab_test__\n");
        string[] lines = File.ReadAllText(TestData.Path(relative + ".out")).Split('\n');
        return texts.Zip(lines, (text, line) => (text, Ids(line)));
    }

    private static int[] Ids(string line) => [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
