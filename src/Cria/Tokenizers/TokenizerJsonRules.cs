using System.Text.Json;

namespace Cria.Tokenizers;

/// <summary>What <c>tokenizer.json</c> says of text before its pieces are looked up, brought down to what LLaMA's tokenizers do.</summary>
/// <remarks>
/// <para>Byte-level: <c>Sequence[Split(pattern), ByteLevel]</c>, where the pattern selects a <see cref="Splitter"/> by its text, or
/// <c>ByteLevel</c> with its own pattern, that of GPT-2. SentencePiece-like: spaces become U+2581 by a <c>Replace</c> or by <c>Metaspace</c>.</para>
/// <para>The space before the text is SentencePiece's, whatever the form: <c>Prepend</c> (older files) and <c>Metaspace</c> (newer ones, those of
/// <c>"legacy": false</c>) put one before a text, and so do we. They differ from SentencePiece in two places, where we do as SentencePiece, which
/// the models were trained with: <c>Metaspace</c> puts none before a text that begins with a space, and <c>Prepend</c> puts one after each special token
/// inside a text, while here whoever writes a special token says whether the text goes on.</para>
/// </remarks>
internal sealed class TokenizerJsonRules(string file)
{
    private bool metaspace, byteLevel;

    /// <summary>The splitter of byte-level BPE; null: pieces are those of SentencePiece.</summary>
    public Splitter? Splitter { get; private set; }

    public bool AddSpacePrefix { get; private set; }

    /// <summary>The first special token that the post-processor puts before a text.</summary>
    public int? BeginOfText { get; private set; }

    public static TokenizerJsonRules Read(string file, JsonElement normalizer, JsonElement preTokenizer, JsonElement postProcessor)
    {
        var rules = new TokenizerJsonRules(file);
        foreach (var part in Parts(normalizer, "normalizers"))
            rules.Normalize(part);
        foreach (var part in Parts(preTokenizer, "pretokenizers"))
            rules.PreTokenize(part);
        foreach (var part in Parts(postProcessor, "processors"))
            rules.PostProcess(part);
        if (rules.byteLevel == rules.metaspace)
            throw rules.Unknown("no rule that makes bytes of text, nor one that makes U+2581 of spaces");
        return rules;
    }

    private void Normalize(JsonElement part)
    {
        switch (Type(part))
        {
            case "Prepend" when part.Text("prepend") == "\u2581":
                AddSpacePrefix = true;
                break;
            case "Replace" when part.Member("pattern") is { } pattern && pattern.Text("String") == " " && part.Text("content") == "\u2581":
                metaspace = true;
                break;
            default:
                throw Unknown($"the normalizer {Type(part)}");
        }
    }

    private void PreTokenize(JsonElement part)
    {
        switch (Type(part))
        {
            case "Split" when part.Member("pattern") is { } pattern && pattern.Text("Regex") is { } regex && Isolates(part):
                Splitter = Splitter.OfPattern(regex) ?? throw Unknown($"a pattern of its own, '{Excerpt.Of(regex, 120)}'");
                break;
            case "ByteLevel" when part.Flag("add_prefix_space") == false:
                byteLevel = true;
                if (part.Flag("use_regex") != false)
                    Splitter = Splitter is null ? Splitter.Parse("gpt-2") : throw Unknown("two patterns, one after the other");
                else if (Splitter is null)
                    throw Unknown("no pattern");
                break;
            case "Metaspace" when part.Text("replacement") == "\u2581" && part.Flag("split") == false:
                metaspace = true;
                AddSpacePrefix = part.Text("prepend_scheme") is { } scheme ? scheme != "never" : part.Flag("add_prefix_space") != false;
                break;
            default:
                throw Unknown($"the pre-tokenizer {Type(part)}");
        }
    }

    // The patterns match every character, so keeping the matches and cutting at them are the same.
    private static bool Isolates(JsonElement part) =>
        (part.Text("behavior"), part.Flag("invert") == true) is ("Isolated", false) or ("Removed", true);

    private void PostProcess(JsonElement part)
    {
        if (Type(part) == "TemplateProcessing" && part.Member("single").Items().FirstOrDefault().Member("SpecialToken")?.Text("id") is { } name)
            BeginOfText = part.Member("special_tokens")?.Member(name)?.Member("ids").Items().FirstOrDefault().Integer();
    }

    private static IEnumerable<JsonElement> Parts(JsonElement rule, string list)
    {
        if (rule.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return [];
        return Type(rule) == "Sequence" ? rule.Member(list).Items() : [rule];
    }

    private TokenizerException Unknown(string what) => TokenizerException.Unreadable(file, $"a tokenizer.json with {what}",
        "use the tokenizer.json of a LLaMA model, or the model's tokenizer.model.");

    private static string Type(JsonElement part) => part.Text("type") ?? "of no type";
}
