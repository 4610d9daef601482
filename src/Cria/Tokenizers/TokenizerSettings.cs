using System.Text.Json;

namespace Cria.Tokenizers;

/// <summary>What stands beside a tokenizer's own file in a folder of Hugging Face: which tokens begin and end a text, and those added by name.</summary>
/// <remarks>
/// The begin token is the first that is named by the tokenizer's own file, by <c>tokenizer_config.json</c> and by <c>special_tokens_map.json</c>. The ends are
/// those of these two, of the tokenizer's own file and of <c>generation_config.json</c>, all together. A token that is text, or that is no token, is
/// passed over: the ids in old conversions of LLaMA 1 are wrong. <c>"legacy"</c> changes nothing: see <see cref="TokenizerJsonRules"/>.
/// </remarks>
internal sealed record TokenizerSettings
{
    private const int LargestFile = 16 << 20;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>For a file that stands alone.</summary>
    public static TokenizerSettings None { get; } = new();

    /// <summary>The first is the one of most say.</summary>
    public List<string> Begins { get; } = [];

    public List<string> Ends { get; } = [];

    public List<int> EndIds { get; } = [];

    public bool? AddSpacePrefix { get; private set; }

    /// <summary>For tokenizer.model, which does not hold them; tokenizer.json does.</summary>
    public List<AddedToken> Added { get; private set; } = [];

    public static TokenizerSettings Read(string folder)
    {
        var settings = new TokenizerSettings();
        ReadIfThere(folder, "tokenizer_config.json", settings.ReadConfig);
        ReadIfThere(folder, "special_tokens_map.json", settings.ReadNames);
        ReadIfThere(folder, "added_tokens.json", (file, json) =>
            settings.Added = settings.Added.Count > 0 ? settings.Added : AddedToken.FromNames(file, json));
        ReadIfThere(folder, "generation_config.json", (_, json) =>
            settings.EndIds.AddRange(Ids(json.Member("eos_token_id"))));
        return settings;
    }

    /// <summary>The vocabulary with these settings. Names that are no special token of it are passed over.</summary>
    public TokenizerVocabulary Apply(TokenizerVocabulary vocabulary)
    {
        var specials = new Dictionary<string, int>();
        for (int id = 0; id < vocabulary.Pieces.Count; id++)
            if (vocabulary.Kinds![id] is TokenKind.Control or TokenKind.UserDefined)
                specials.TryAdd(vocabulary.Pieces[id], id);
        int? begin = vocabulary.BeginOfText ?? FirstOf(Begins.Concat(["<|begin_of_text|>", "<s>"]), specials);
        var ends = Ends.Where(specials.ContainsKey).Select(name => specials[name]).Concat(vocabulary.EndOfText)
            .Concat(EndIds.Where(specials.ContainsValue)).Where(id => id != begin).Distinct().ToList();
        if (ends.Count == 0 && FirstOf(["</s>", "<|endoftext|>"], specials) is { } end)
            ends.Add(end);
        return vocabulary with { BeginOfText = begin, EndOfText = ends, AddSpacePrefix = AddSpacePrefix ?? vocabulary.AddSpacePrefix };
    }

    /// <summary>The vocabulary with the tokens that were added by name, and with these settings.</summary>
    public TokenizerVocabulary ApplyWithAdded(TokenizerVocabulary vocabulary)
    {
        string?[] own = [.. vocabulary.Pieces];
        var (pieces, kinds) = AddedTokens.Join(vocabulary.Name, own, [.. Added.Where(token => token.Id >= own.Length || own[token.Id] == token.Content)]);
        for (int id = 0; id < own.Length; id++)
            kinds[id] = kinds[id] == TokenKind.Normal || vocabulary.Kinds![id] == TokenKind.Unknown ? vocabulary.Kinds![id] : kinds[id];
        float[] scores = new float[pieces.Length];
        vocabulary.Scores!.ToArray().CopyTo(scores, 0);
        return Apply(vocabulary with { Pieces = pieces, Kinds = kinds, Scores = scores });
    }

    private void ReadConfig(string file, JsonElement json)
    {
        ReadNames(file, json);
        AddSpacePrefix = json.Flag("add_prefix_space");
        if (json.Member("added_tokens_decoder") is { ValueKind: JsonValueKind.Object } added)
            Added = AddedToken.FromDecoder(file, added);
    }

    private void ReadNames(string file, JsonElement json)
    {
        if (Name(json, "bos_token") is { } begin)
            Begins.Add(begin);
        if (Name(json, "eos_token") is { } end)
            Ends.Add(end);
    }

    // Either the name itself, or an object that says more of the token.
    private static string? Name(JsonElement json, string which) => json.Text(which) ?? json.Member(which)?.Text("content");

    private static IEnumerable<int> Ids(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } ? element.Items().Select(id => id.Integer()).OfType<int>() : element?.Integer() is { } id ? [id] : [];

    private static int? FirstOf(IEnumerable<string> names, Dictionary<string, int> specials) =>
        names.Where(specials.ContainsKey).Select(name => (int?)specials[name]).FirstOrDefault();

    private static void ReadIfThere(string folder, string name, Action<string, JsonElement> read)
    {
        string file = Path.Combine(folder, name);
        if (!File.Exists(file))
            return;
        try
        {
            using var json = JsonDocument.Parse(TokenizerFile.Content(file, LargestFile), Options);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                read(file, json.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw TokenizerException.NotJson(file, wrong is JsonException { LineNumber: { } line } ? $"line {line + 1}" : "its text", wrong.Message);
        }
    }
}
