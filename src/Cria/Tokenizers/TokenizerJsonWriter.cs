using System.Text.Json;

namespace Cria.Tokenizers;

/// <summary>Writes a vocabulary as <c>tokenizer.json</c>, with the rules that make its ids of text in Hugging Face's tokenizers.</summary>
/// <remarks>
/// Ids are not free there: an added token that is no piece gets the next id after the pieces, whatever the file says. So added tokens that stand
/// among the pieces are written as pieces too.
/// </remarks>
internal sealed class TokenizerJsonWriter(TokenizerVocabulary vocabulary, Utf8JsonWriter json)
{
    private readonly bool sentencePiece = vocabulary.Model == "llama";

    public void Write()
    {
        if (vocabulary.RemoveExtraSpaces)
            throw TokenizerException.CannotWrite(vocabulary.Name, "the rule that drops extra spaces");
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        List("added_tokens", () =>
        {
            foreach (var token in TokenizerFolder.AddedTo(vocabulary))
            {
                json.WriteStartObject();
                json.WriteNumber("id", token.Id);
                WriteToken(json, token);
                json.WriteEndObject();
            }
        });
        if (sentencePiece)
            WriteSentencePieceRules();
        else
            WriteByteLevelRules();
        WriteModel();
        json.WriteEndObject();
    }

    /// <summary>What Hugging Face's files say of an added token, but for its id.</summary>
    public static void WriteToken(Utf8JsonWriter json, AddedToken token)
    {
        json.WriteString("content", token.Content);
        foreach (string no in (string[])["single_word", "lstrip", "rstrip", "normalized"])
            json.WriteBoolean(no, false);
        json.WriteBoolean("special", token.Special);
    }

    private void WriteSentencePieceRules()
    {
        Sequence("normalizer", "normalizers", () =>
        {
            if (vocabulary.AddSpacePrefix)
                Rule("Prepend", () => json.WriteString("prepend", "\u2581"));
            Replace(" ", "\u2581");
        });
        json.WriteNull("pre_tokenizer");
        WriteBegin();
        Sequence("decoder", "decoders", () =>
        {
            Replace("\u2581", " ");
            Rule("ByteFallback");
            Rule("Fuse");
            if (vocabulary.AddSpacePrefix)
                Rule("Strip", () =>
                {
                    json.WriteString("content", " ");
                    json.WriteNumber("start", 1);
                    json.WriteNumber("stop", 0);
                });
        });
    }

    private void WriteByteLevelRules()
    {
        json.WriteNull("normalizer");
        Sequence("pre_tokenizer", "pretokenizers", () =>
        {
            Rule("Split", () =>
            {
                Pattern("Regex", Splitter.Parse(vocabulary.Splitter)!.Pattern);
                json.WriteString("behavior", "Isolated");
                json.WriteBoolean("invert", false);
            });
            ByteLevel(useRegex: false);
        });
        WriteBegin();
        json.WritePropertyName("decoder");
        ByteLevel(useRegex: true);
    }

    // [begin] text, and for pairs [begin] text [begin] text.
    private void WriteBegin()
    {
        if (vocabulary.BeginOfText is not { } id)
        {
            json.WriteNull("post_processor");
            return;
        }
        string name = vocabulary.Pieces[id];
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        foreach (var (list, sequences) in new[] { ("single", new[] { "A" }), ("pair", ["A", "B"]) })
        {
            List(list, () =>
            {
                for (int i = 0; i < sequences.Length; i++)
                {
                    Part("SpecialToken", name, i);
                    Part("Sequence", sequences[i], i);
                }
            });
        }
        json.WriteStartObject("special_tokens");
        json.WriteStartObject(name);
        json.WriteString("id", name);
        List("ids", () => json.WriteNumberValue(id));
        List("tokens", () => json.WriteStringValue(name));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void List(string name, Action writeItems)
    {
        json.WriteStartArray(name);
        writeItems();
        json.WriteEndArray();
    }

    private void Part(string kind, string id, int type)
    {
        json.WriteStartObject();
        json.WriteStartObject(kind);
        json.WriteString("id", id);
        json.WriteNumber("type_id", type);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteModel()
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        if (sentencePiece && TokenizerFolder.UnknownOf(vocabulary) is { } unknown)
            json.WriteString("unk_token", vocabulary.Pieces[unknown]);
        else
            json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", sentencePiece);
        json.WriteBoolean("byte_fallback", sentencePiece && vocabulary.Kinds!.Contains(TokenKind.Byte));
        json.WriteBoolean("ignore_merges", vocabulary.IgnoreMerges == true);
        WritePieces();
        List("merges", () =>
        {
            foreach (string merge in vocabulary.Merges ?? SentencePieceLexicon.WriteMerges(vocabulary))
                json.WriteStringValue(merge);
        });
        json.WriteEndObject();
    }

    private void WritePieces()
    {
        var written = new HashSet<string>();
        json.WriteStartObject("vocab");
        for (int id = 0; id < TokenizerFolder.CountOfPieces(vocabulary); id++)
        {
            if (!written.Add(vocabulary.Pieces[id]))
                throw TokenizerException.CannotWrite(vocabulary.Name, $"two ids of one text, the second of them {id}");
            json.WriteNumber(vocabulary.Pieces[id], id);
        }
        json.WriteEndObject();
    }

    private void Sequence(string name, string list, Action writeRules)
    {
        json.WritePropertyName(name);
        Rule("Sequence", () => List(list, writeRules));
    }

    private void Replace(string from, string to) => Rule("Replace", () =>
    {
        Pattern("String", from);
        json.WriteString("content", to);
    });

    private void ByteLevel(bool useRegex) => Rule("ByteLevel", () =>
    {
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", useRegex);
    });

    private void Pattern(string kind, string text)
    {
        json.WriteStartObject("pattern");
        json.WriteString(kind, text);
        json.WriteEndObject();
    }

    private void Rule(string type, Action? writeMembers = null)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        writeMembers?.Invoke();
        json.WriteEndObject();
    }
}
