using System.Text;
using System.Text.Json.Nodes;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class TokenizerJsonTests
{
    private const string Llama3Rules =
        """
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "pattern": {"Regex": "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": false},
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
        """;

    private const string OlderRules =
        """
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
        "pre_tokenizer": null
        """;

    private const string NewerRules =
        """
        "normalizer": null,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}
        """;

    [Theory]
    [InlineData("""["a b", "ab c"]""")]
    [InlineData("""[["a", "b"], ["ab", "c"]]""")]
    public void Merges_are_read_as_texts_and_as_pairs(string merges)
    {
        var tokenizer = Read(ByteLevel(Llama3Rules, merges, more: """, "ab": 256, "abc": 257"""));

        Assert.Equal([257, 'd'], tokenizer.Encode("abcd").Select(id => id < 256 ? Letter(tokenizer, id) : id));
    }

    // Without a merge that makes it, a whole word is found only where the file says so.
    [Theory]
    [InlineData("true", new[] { 257 })]
    [InlineData("false", new int[] { 256, 'c' })]
    public void A_word_that_is_a_piece_is_taken_whole_if_the_file_says_so(string ignoreMerges, int[] expected)
    {
        var tokenizer = Read(ByteLevel(Llama3Rules, """["a b"]""", more: """, "ab": 256, "abc": 257""", ignoreMerges));

        Assert.Equal(expected, tokenizer.Encode("abc").Select(id => id < 256 ? Letter(tokenizer, id) : id));
    }

    [Fact]
    public void A_byte_level_rule_with_its_own_pattern_splits_as_GPT_2()
    {
        var tokenizer = Read(ByteLevel("""
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}
            """, """["a b"]""", more: """, "ab": 256"""));

        Assert.Equal("gpt-2", tokenizer.ToVocabulary().Splitter);
    }

    [Theory, InlineData(OlderRules), InlineData(NewerRules)]
    public void Pieces_with_spaces_are_those_of_SentencePiece(string rules)
    {
        var tokenizer = Read(SentencePiece(rules, """["▁ a", "a a"]"""));

        Assert.Equal([7], tokenizer.Encode("a"));
        Assert.Equal([5, 7], tokenizer.Encode(" a"));
        Assert.Equal([6], Continued(tokenizer, "a"));
        Assert.Equal(1, tokenizer.BeginOfText);
        Assert.Equal([2], tokenizer.EndOfText);
        Assert.Equal(" a", tokenizer.Decode(tokenizer.Encode(" a")));
    }

    [Fact]
    public void A_file_that_never_prepends_a_space_puts_none()
    {
        var tokenizer = Read(SentencePiece(NewerRules.Replace("first", "never", StringComparison.Ordinal), """["▁ a", "a a"]"""));

        Assert.Equal([6], tokenizer.Encode("a"));
    }

    // "aa" can be made of "a a" only; scores would make it of any two pieces. So the merges themselves are kept.
    [Fact]
    public void Merges_that_are_not_all_ways_to_cut_a_piece_are_kept()
    {
        var tokenizer = Read(SentencePiece(OlderRules, """["a a", "▁ aa"]""", more: """, "▁aa": 9"""));

        Assert.Equal([9], tokenizer.Encode("aa"));
        Assert.Equal([5, 6], tokenizer.Encode("a"));
        Assert.Equal(["a a", "▁ aa"], tokenizer.ToVocabulary().Merges);
        Assert.Equal([9], Tokenizer.FromVocabulary(tokenizer.ToVocabulary()).Encode("aa"));
    }

    [Fact]
    public void Added_tokens_are_marks_whether_special_or_not()
    {
        var tokenizer = Read(ByteLevel(Llama3Rules, "[]", added: """
            {"id": 256, "content": "<|eot_id|>", "special": true}, {"id": 257, "content": "<tool>", "special": false}, {"id": 259, "content": "ab", "special": false}
            """));

        Assert.Equal(260, tokenizer.VocabularySize);
        Assert.True(tokenizer.IsSpecial(256));
        Assert.False(tokenizer.IsSpecial(257));
        Assert.Equal("<tool>", tokenizer.Decode([256, 257]));
        Assert.True(tokenizer.TryGetSpecial("<tool>", out int id) && id == 257);
        Assert.All(tokenizer.Encode("<|eot_id|><tool>ab"), found => Assert.InRange(found, 0, 255));
        Assert.Equal([256], tokenizer.EndOfText);
    }

    [Theory]
    [InlineData("""{"model": {"type": "Unigram", "vocab": [["a", 0]]}}""", "a tokenizer.json of the kind 'Unigram'")]
    [InlineData("""{"model": {"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {}, "merges": []}}""", "a tokenizer.json whose pieces bear a mark (end_of_word_suffix)")]
    [InlineData("""{"normalizer": {"type": "NFC"}, "model": {"vocab": {"a": 0}, "merges": []}}""", "a tokenizer.json with the normalizer NFC")]
    [InlineData("""{"pre_tokenizer": {"type": "Whitespace"}, "model": {"vocab": {"a": 0}, "merges": []}}""", "a tokenizer.json with the pre-tokenizer Whitespace")]
    [InlineData("""{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Isolated"}, "model": {"vocab": {"a": 0}, "merges": []}}""",
        "a tokenizer.json with a pattern of its own, '\\w+'")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": []}}""", "a tokenizer.json with no rule that makes bytes of text, nor one that makes U+2581 of spaces")]
    [InlineData("""{"added_tokens": []}""", "a JSON file without a tokenizer's model")]
    public void What_no_LLaMA_has_is_refused_by_name(string json, string found)
    {
        var error = Assert.Throws<TokenizerException>(() => Read(json));

        Assert.Contains($"found    {found}\n", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model": {"vocab": {"a": 0, "b": 0}, "merges": []}}""", "piece 'b'", "the id 0 of 'a'")]
    [InlineData("""{"model": {"vocab": {"a": 1000000000}, "merges": []}}""", "piece 'a'", "Number")]
    [InlineData("""{"model": {"vocab": {"a": -1}, "merges": []}}""", "piece 'a'", "Number")]
    [InlineData("""{"model": {"vocab": {"a": "0"}, "merges": []}}""", "piece 'a'", "String")]
    [InlineData("""{"model": {"vocab": [], "merges": []}}""", "model.vocab", "StartArray")]
    [InlineData("""{"model": {"vocab": {}, "merges": [["a", "b", "c"]]}}""", "merge 0", "String")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": []}, "added_tokens": [{"id": 1000000000, "content": "x"}], PRE}""", "added_tokens[0]", "1000000000")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": []}, "added_tokens": [{"id": 0, "content": "x"}], PRE}""", "the added token 'x'", "the id 0 of 'a'")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": []}, "added_tokens": [{"id": 1}], PRE}""", "added_tokens[0]", "\"id\": 1")]
    [InlineData("""{"model": {"vocab": {"a": 400000}, "merges": []}, PRE}""", "its ids", "400000 of 400001")]
    [InlineData("""{"model": {"vocab": {"a": 0, "b": 1}, "merges": ["a b"]}, PRE}""", "merge 0", "'a b'")]
    [InlineData("""{"model": {"vocab": {"a": 0""", "byte ", "JSON in the form of tokenizer.json")]
    [InlineData("""{"model": {"vocab": {"a\ud800": 0}, "merges": []}}""", "byte ", "surrogate")]
    public void A_damaged_file_says_where(string json, string where, string found)
    {
        var error = Assert.Throws<TokenizerException>(() => Read(json.Replace("PRE", OlderRules, StringComparison.Ordinal)));

        Assert.Contains($"the tokenizer is damaged at {where}", error.Message, StringComparison.Ordinal);
        Assert.Contains(found, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_damage_ends_in_a_tokenizer_or_in_its_exception()
    {
        foreach (string json in (string[])[ByteLevel(Llama3Rules, """["a b", ["ab", "c"]]""", more: """, "ab": 256, "abc": 257""",
            added: """{"id": 300, "content": "<x>", "special": true}"""), SentencePiece(OlderRules, """["▁ a", "a a"]""")])
            Damage.Try<TokenizerException>(Encoding.UTF8.GetBytes(json), times: 1_500, seed: 3, bytes =>
                Tokenizer.FromVocabulary(TokenizerJson.Read("damaged", bytes, TokenizerSettings.None)).Encode("abc <x> aa"));
    }

    private static Tokenizer Read(string json)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("tokenizer.json"), json);
        return Tokenizer.Load(folder.Path);
    }

    // The 256 bytes have the ids 0 to 255 in the order of their letters.
    private static string ByteLevel(string rules, string merges, string more = "", string ignoreMerges = "true", string added = "") =>
        $$"""
        {"version": "1.0", "added_tokens": [{{added}}], "normalizer": null, {{rules}}, "post_processor": null, "decoder": null,
         "model": {"type": "BPE", "ignore_merges": {{ignoreMerges}},
          "vocab": { {{string.Join(", ", Enumerable.Range(0, 256).Select(b => $"{JsonValue.Create(ByteLetters.Write([(byte)b])).ToJsonString()}: {b}"))}}{{more}} },
          "merges": {{merges}} } }
        """;

    private static string SentencePiece(string rules, string merges, string more = "") =>
        $$"""
        {"added_tokens": [{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true}, {"id": 2, "content": "</s>", "special": true}],
         {{rules}}, "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": false,
          "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "x": 3, "y": 4, "▁": 5, "a": 6, "▁a": 7, "aa": 8{{more}} }, "merges": {{merges}} } }
        """;

    private static int Letter(Tokenizer tokenizer, int id) => tokenizer.Bytes(id)[0];

    private static List<int> Continued(Tokenizer tokenizer, string text)
    {
        var ids = new List<int>();
        tokenizer.EncodeTo(text, ids, continues: true);
        return ids;
    }
}
