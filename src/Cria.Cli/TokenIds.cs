namespace Cria.Cli;

/// <summary>Token ids as a user types them: <c>1,2,3</c>, <c>1 2 3</c> or <c>[1, 2, 3]</c>.</summary>
internal static class TokenIds
{
    /// <exception cref="UsageException">Something else stands there, or an id outside the vocabulary.</exception>
    public static int[] Parse(string typed, int vocabularySize)
    {
        string[] parts = typed.Trim().TrimStart('[').TrimEnd(']').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. parts.Select(part => One(part, vocabularySize))];
    }

    private static int One(string part, int vocabularySize) =>
        int.TryParse(part, out int id) && id >= 0 && id < vocabularySize
            ? id
            : throw new UsageException($"'{part}' is not a token id of this vocabulary; they go from 0 to {vocabularySize - 1}.");
}
