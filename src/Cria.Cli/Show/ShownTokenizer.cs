using System.Text.Json.Nodes;
using Cria.Tokenizers;

namespace Cria.Cli.Show;

/// <summary>What <c>cria show</c> tells of a tokenizer.</summary>
internal static class ShownTokenizer
{
    public static JsonObject Of(Tokenizer tokenizer)
    {
        var vocabulary = tokenizer.ToVocabulary();
        int[] special = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsSpecial)];
        return new JsonObject
        {
            ["kind"] = vocabulary.Model == "llama" ? "SentencePiece" : "byte-level BPE",
            ["splitter"] = vocabulary.Splitter,
            ["tokens"] = tokenizer.VocabularySize,
            ["special_tokens"] = special.Length,
            ["begin_of_text"] = tokenizer.BeginOfText is { } begin ? Token(tokenizer, begin) : null,
            ["end_of_text"] = JsonAnswer.Array(tokenizer.EndOfText, id => Token(tokenizer, id)),
        };
    }

    /// <summary>The same as one line: <c>SentencePiece, 32000 tokens (3 special), begins with 1 &lt;s&gt;, ends with 2 &lt;/s&gt;</c>.</summary>
    public static string Line(JsonObject tokenizer)
    {
        string splitter = tokenizer["splitter"] is { } name ? $" ({name})" : "";
        string line = $"{tokenizer["kind"]}{splitter}, {tokenizer["tokens"]} tokens ({tokenizer["special_tokens"]} special)";
        if (tokenizer["begin_of_text"] is JsonObject begin)
            line += $", begins with {Text(begin)}";
        return tokenizer["end_of_text"] is JsonArray { Count: > 0 } ends
            ? $"{line}, ends with {string.Join(" or ", ends.Select(Text))}"
            : line;
    }

    /// <summary>One token: its id and its piece.</summary>
    public static string Text(JsonNode? token) => $"{token!["id"]} {token["piece"]}";

    private static JsonObject Token(Tokenizer tokenizer, int id) => new() { ["id"] = id, ["piece"] = ForeignText.Clean(tokenizer.Piece(id)) };

}
