using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Tokenizers;

namespace Cria.Conversion;

/// <summary>Writes a vocabulary into the metadata of a GGUF file, key by key as llama.cpp's converter does.</summary>
/// <remarks>Keys of <see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>, section on the tokenizer.</remarks>
internal static class GgufVocabulary
{
    private const string Prefix = "tokenizer.ggml.";

    private const float LowestScore = -10_000;

    // The ends that have keys of their own, by the texts of Llama 3 and 4.
    private static readonly string[] EndsOfTurn = ["<|eot_id|>", "<|eot|>"], EndsOfMessage = ["<|eom_id|>", "<|eom|>"];

    /// <param name="writer">The file.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="rows">Rows of the embedding: where there are more than tokens, the list is filled up.</param>
    /// <param name="end">The end of text as the model's own files name it; null takes the vocabulary's first.</param>
    /// <param name="padding">The id of padding, or null.</param>
    public static void Write(GgufWriter writer, TokenizerVocabulary vocabulary, int rows, int? end, int? padding)
    {
        int missing = Math.Max(0, rows - vocabulary.Pieces.Count);
        writer.Set(Prefix + "model", vocabulary.Model);
        if (vocabulary.Model == "llama")
            writer.Set(Prefix + "pre", "default");
        else if (vocabulary.Splitter is { } splitter)
            writer.Set(Prefix + "pre", splitter);
        writer.Set(Prefix + "tokens", [.. vocabulary.Pieces, .. Enumerable.Range(vocabulary.Pieces.Count, missing).Select(id => $"[PAD{id}]")]);
        if (Scores(vocabulary) is { } scores)
            writer.Set(Prefix + "scores", (float[])[.. scores, .. Enumerable.Repeat(LowestScore, missing)]);
        if (vocabulary.Kinds is { } kinds)
            writer.Set(Prefix + "token_type", (int[])[.. kinds.Select(kind => (int)kind), .. Enumerable.Repeat((int)TokenKind.Unused, missing)]);
        if (vocabulary is { Model: "gpt2", Merges: { } merges })
            writer.Set(Prefix + "merges", [.. merges]);
        WriteIds(writer, vocabulary, end, padding);
        writer.Set(Prefix + "add_bos_token", vocabulary.BeginOfText is >= 0).Set(Prefix + "add_eos_token", false);
        if (vocabulary.Model == "llama")
            writer.Set(Prefix + "add_space_prefix", vocabulary.AddSpacePrefix);
    }

    // Only scores say there in which order SentencePiece merges: where a list of merges does, the place of a piece's first merge is its score.
    private static IReadOnlyList<float>? Scores(TokenizerVocabulary vocabulary)
    {
        if (vocabulary.Model != "llama" || vocabulary.Merges is not { } merges)
            return vocabulary.Scores;
        var places = new Dictionary<string, int>();
        for (int i = 0; i < merges.Count; i++)
            places.TryAdd(merges[i].Replace(" ", "", StringComparison.Ordinal), i);
        return [.. vocabulary.Pieces.Select(piece => places.TryGetValue(piece, out int place) ? -place : 0f)];
    }

    private static void WriteIds(GgufWriter writer, TokenizerVocabulary vocabulary, int? end, int? padding)
    {
        Id("bos", vocabulary.BeginOfText);
        Id("eos", end ?? vocabulary.EndOfText.Select(id => (int?)id).FirstOrDefault());
        Id("eot", Find(EndsOfTurn));
        Id("eom", Find(EndsOfMessage));
        Id("unknown", vocabulary.Kinds?.Select((kind, id) => (kind, id)).Where(pair => pair.kind == TokenKind.Unknown).Select(pair => (int?)pair.id).FirstOrDefault());
        Id("padding", padding);

        void Id(string key, int? id)
        {
            if (id is >= 0)
                writer.Set($"{Prefix}{key}_token_id", (uint)id.Value);
        }

        int? Find(string[] texts) =>
            vocabulary.Pieces.Select((piece, id) => (piece, id)).Where(pair => texts.Contains(pair.piece)).Select(pair => (int?)pair.id).FirstOrDefault();
    }

    /// <summary>The id that ends a text by the files beside the weights: the <c>eos_token</c> of tokenizer_config.json, else the first of config.json.</summary>
    public static int? EndOfText(string folder, JsonObject config, TokenizerVocabulary vocabulary)
    {
        string file = Path.Combine(folder, "tokenizer_config.json");
        var named = File.Exists(file) ? JsonFile.Read(file)["eos_token"] : null;
        string? text = Text(named is JsonObject token ? token["content"] : named);
        int id = text is null ? -1 : vocabulary.Pieces.ToList().IndexOf(text);
        return id >= 0 ? id : Number(config["eos_token_id"] is JsonArray { Count: > 0 } several ? several[0] : config["eos_token_id"]);
    }

    /// <summary>A token id of a configuration, or null.</summary>
    public static int? Number(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && int.TryParse(value.ToJsonString(), out int id) && id >= 0 ? id : null;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
