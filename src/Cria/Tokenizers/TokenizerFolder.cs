using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cria.Tokenizers;

/// <summary>Writes a tokenizer in the form in which Hugging Face's folders hold one.</summary>
public static class TokenizerFolder
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, and <c>tokenizer.model</c> where the vocabulary is one of SentencePiece.
    /// </summary>
    /// <remarks>
    /// transformers reads one end token from these files: the first. The others belong into <c>generation_config.json</c>, beside the weights.
    /// </remarks>
    /// <param name="vocabulary">As <see cref="Tokenizer.ToVocabulary"/> gives it, or from a GGUF file.</param>
    /// <param name="chatTemplate">The Jinja text of the chat template, or null.</param>
    /// <param name="folder">An existing folder. Files of these names are replaced.</param>
    /// <exception cref="TokenizerException">The vocabulary is damaged, or these files cannot express it.</exception>
    public static void Write(TokenizerVocabulary vocabulary, string? chatTemplate, string folder)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var checkedLists = Tokenizer.FromVocabulary(vocabulary).ToVocabulary();
        WriteJson(Path.Combine(folder, "tokenizer.json"), json => new TokenizerJsonWriter(checkedLists, json).Write());
        WriteJson(Path.Combine(folder, "tokenizer_config.json"), json => WriteConfig(checkedLists, chatTemplate, json));
        if (checkedLists is { Model: "llama", Merges: null })
            File.WriteAllBytes(Path.Combine(folder, "tokenizer.model"), SentencePieceWriter.Write(checkedLists));
    }

    /// <summary>One more than the last id of a piece of text: what follows was added by name.</summary>
    internal static int CountOfPieces(TokenizerVocabulary vocabulary)
    {
        int count = vocabulary.Pieces.Count;
        while (count > 0 && vocabulary.Kinds![count - 1] is not (TokenKind.Normal or TokenKind.Byte))
            count--;
        return count;
    }

    /// <summary>The tokens that were added by name, wherever they stand.</summary>
    internal static IEnumerable<AddedToken> AddedTo(TokenizerVocabulary vocabulary) =>
        from id in Enumerable.Range(0, vocabulary.Pieces.Count)
        where vocabulary.Kinds![id] is not (TokenKind.Normal or TokenKind.Byte)
        select new AddedToken(id, vocabulary.Pieces[id], Special: vocabulary.Kinds![id] != TokenKind.UserDefined);

    private static void WriteConfig(TokenizerVocabulary vocabulary, string? chatTemplate, Utf8JsonWriter json)
    {
        bool sentencePiece = vocabulary.Model == "llama";
        json.WriteStartObject();
        json.WriteBoolean("add_bos_token", vocabulary.BeginOfText is not null);
        json.WriteBoolean("add_eos_token", false);
        json.WriteStartObject("added_tokens_decoder");
        foreach (var token in AddedTo(vocabulary))
        {
            json.WriteStartObject($"{token.Id}");
            TokenizerJsonWriter.WriteToken(json, token);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        WriteName(json, "bos_token", vocabulary, vocabulary.BeginOfText);
        if (chatTemplate is not null)
            json.WriteString("chat_template", chatTemplate);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        WriteName(json, "eos_token", vocabulary, vocabulary.EndOfText.Count > 0 ? vocabulary.EndOfText[0] : null);
        if (sentencePiece)
        {
            json.WriteBoolean("legacy", false);
            WriteName(json, "unk_token", vocabulary, UnknownOf(vocabulary));
        }
        json.WriteString("tokenizer_class", sentencePiece ? "LlamaTokenizer" : "PreTrainedTokenizerFast");
        json.WriteEndObject();
    }

    /// <summary>The id of the unknown token, or null.</summary>
    internal static int? UnknownOf(TokenizerVocabulary vocabulary) =>
        vocabulary.Kinds!.Index().Where(kind => kind.Item == TokenKind.Unknown).Select(kind => (int?)kind.Index).FirstOrDefault();

    private static void WriteName(Utf8JsonWriter json, string name, TokenizerVocabulary vocabulary, int? id)
    {
        if (id is { } known)
            json.WriteString(name, vocabulary.Pieces[known]);
    }

    private static void WriteJson(string path, Action<Utf8JsonWriter> write)
    {
        using var file = File.Create(path);
        using var json = new Utf8JsonWriter(file, Readable);
        write(json);
    }
}
