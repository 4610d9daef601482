using System.Text.Json;

namespace Cria.Cli;

/// <summary>Token ids as users give them.</summary>
internal static class TokenIds
{
    /// <summary>Reads what was typed: <c>1,2,3</c>, <c>1 2 3</c> or <c>[1, 2, 3]</c>.</summary>
    /// <exception cref="UsageException">Something else stands there, or an id outside the vocabulary.</exception>
    public static int[] Parse(string typed, int vocabularySize)
    {
        string[] parts = typed.Trim().TrimStart('[').TrimEnd(']').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. parts.Select(part => int.TryParse(part, out int id) && id >= 0 && id < vocabularySize ? id : throw NoId("--decode", part, vocabularySize))];
    }

    /// <summary>Reads a file's JSON array of arrays.</summary>
    /// <exception cref="UsageException">It is something else, or holds an id outside the vocabulary, or an empty sequence.</exception>
    public static IReadOnlyList<int[]> Read(string json, string file, int vocabularySize)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateArray().Select(sequence => Sequence(sequence, file, vocabularySize))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new UsageException($"{file}: expected a JSON array of arrays of token ids, such as [[1, 15043], [1, 3186]].");
        }
    }

    private static int[] Sequence(JsonElement sequence, string file, int vocabularySize)
    {
        int[] ids = [.. sequence.EnumerateArray().Select(element =>
            element.TryGetInt32(out int id) && id >= 0 && id < vocabularySize ? id : throw NoId(file, element.GetRawText(), vocabularySize))];
        return ids.Length > 0 ? ids : throw new UsageException($"{file}: a sequence is empty; each needs one token id at least.");
    }

    private static UsageException NoId(string where, string found, int vocabularySize) =>
        new($"{where}: '{found}' is not a token id of this vocabulary; they go from 0 to {vocabularySize - 1}.");
}
