using System.Text.Json;

namespace Cria.Tokenizers;

/// <summary>Reads <c>tokenizer.json</c>, the form in which Hugging Face's tokenizers keep any vocabulary, as far as it is one of a LLaMA.</summary>
/// <remarks>
/// <see href="https://huggingface.co/docs/tokenizers"/>. The model must be BPE, over bytes (Llama 3, Llama 4) or over characters with U+2581 for
/// spaces (LLaMA 1, Llama 2). Members that do not change the ids are skipped; a rule that would change them and is not known is an error.
/// </remarks>
internal sealed class TokenizerJson
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64 };

    private readonly string file;
    private TokenizerJsonModel? model;
    private JsonElement? addedTokens;
    private JsonElement normalizer, preTokenizer, postProcessor;

    private TokenizerJson(string file) => this.file = file;

    public static TokenizerVocabulary Read(string file, ReadOnlySpan<byte> content, TokenizerSettings settings)
    {
        var json = new TokenizerJson(file);
        var reader = new Utf8JsonReader(content, Options);
        try
        {
            json.ReadMembers(ref reader);
            return json.ToVocabulary(settings);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw TokenizerException.Damaged(file, $"byte {reader.BytesConsumed}", "JSON in the form of tokenizer.json", wrong.Message);
        }
    }

    private void ReadMembers(ref Utf8JsonReader reader)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "model": model = TokenizerJsonModel.Read(file, ref reader); break;
                case "added_tokens": addedTokens = JsonElement.ParseValue(ref reader); break;
                case "normalizer": normalizer = JsonElement.ParseValue(ref reader); break;
                case "pre_tokenizer": preTokenizer = JsonElement.ParseValue(ref reader); break;
                case "post_processor": postProcessor = JsonElement.ParseValue(ref reader); break;
                default: reader.Skip(); break;
            }
        }
    }

    private TokenizerVocabulary ToVocabulary(TokenizerSettings settings)
    {
        if (model is null)
            throw TokenizerException.Unreadable(file, "a JSON file without a tokenizer's model", "take tokenizer.json from the model's release.");
        var rules = TokenizerJsonRules.Read(file, normalizer, preTokenizer, postProcessor);
        var (pieces, kinds) = AddedTokens.Join(file, model.Pieces, AddedToken.FromList(file, addedTokens));
        if (model.Unknown is { } unknown && Array.IndexOf(pieces, unknown) is >= 0 and var id)
            kinds[id] = TokenKind.Unknown;

        var vocabulary = new TokenizerVocabulary
        {
            Name = file,
            Model = rules.Splitter is null ? "llama" : "gpt2",
            Splitter = rules.Splitter?.Name,
            Pieces = pieces,
            Kinds = kinds,
            Merges = model.Merges,
            IgnoreMerges = rules.Splitter is null ? null : model.IgnoreMerges,
            BeginOfText = rules.BeginOfText,
            AddSpacePrefix = rules.AddSpacePrefix,
        };
        return settings.Apply(rules.Splitter is null ? MergedPieces.Scored(vocabulary, model.ByteFallback) : vocabulary);
    }
}
