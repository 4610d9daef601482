using System.Text.Json;
using System.Text.RegularExpressions;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class ByteLevelTests
{
    [Fact]
    public void A_text_with_names_of_special_tokens_has_the_ids_of_its_parts()
    {
        var tokenizer = Known.Llama3;

        Assert.All(Vectors.FromJson("vectors/tokenizers/llama3.json", "llama3_tokenizer_js", "ids"),
            pair => Assert.Equal(pair.Ids, WithSpecials(tokenizer, pair.Text)));
    }

    [Fact]
    public void A_dialog_of_special_names_and_text_has_the_ids_of_Meta()
    {
        var tokenizer = Known.Llama3;
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("vectors/tokenizers/llama3.json")));
        var dialog = json.RootElement.GetProperty("meta_tests").GetProperty("dialog")[0];
        var ids = new List<int> { tokenizer.BeginOfText!.Value };

        foreach (var message in dialog.GetProperty("messages").EnumerateArray())
        {
            Header(message.GetProperty("role").GetString()!);
            tokenizer.EncodeTo(message.GetProperty("content").GetString(), ids);
            ids.Add(Special("<|eot_id|>"));
        }
        Header("assistant");

        Assert.Equal(dialog.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), ids);

        int Special(string name) => tokenizer.TryGetSpecial(name, out int id) ? id : throw new KeyNotFoundException(name);

        void Header(string role)
        {
            ids.Add(Special("<|start_header_id|>"));
            tokenizer.EncodeTo(role, ids);
            ids.Add(Special("<|end_header_id|>"));
            tokenizer.EncodeTo("\n\n", ids);
        }
    }

    [Fact]
    public void The_special_ids_are_those_of_Llama_3()
    {
        var tokenizer = Known.Llama3;

        Assert.Equal(128_256, tokenizer.VocabularySize);
        Assert.Equal(128_000, tokenizer.BeginOfText);
        Assert.Equal([128_001, 128_008, 128_009], tokenizer.EndOfText);
        Assert.Equal("<|reserved_special_token_245|>", tokenizer.Piece(128_255));
        Assert.Equal("<|python_tag|>", tokenizer.Piece(128_010));
        Assert.True(tokenizer.TryGetSpecial("<|reserved_special_token_2|>", out int id) && id == 128_012);
    }

    [Fact]
    public void A_small_rank_file_gets_its_special_tokens_after_its_ranks()
    {
        var tokenizer = Tokenizer.Load(TestData.Path("tokenizers/small/tiktoken_small.model"));

        Assert.Equal(2_256, tokenizer.VocabularySize);
        Assert.Equal(2_000, tokenizer.BeginOfText);
        Assert.Equal([2_001, 2_008, 2_009], tokenizer.EndOfText);
        Assert.Equal("Hello, world! 🦙", tokenizer.Decode(tokenizer.Encode("Hello, world! 🦙", addBegin: true)));
    }

    [Fact]
    public void A_lone_surrogate_counts_as_the_replacement_character()
    {
        var tokenizer = Known.Llama3;

        Assert.Equal(tokenizer.Encode("a\uFFFDb"), tokenizer.Encode("a\uD800b"));
    }

    [Fact]
    public void Bytes_that_are_no_text_of_their_own_are_shown_as_bytes()
    {
        var tokenizer = Known.Llama3;

        string pieces = string.Concat(tokenizer.Encode("🦙").Select(tokenizer.Piece));

        Assert.Equal("<0xF0><0x9F><0xA6><0x99>", pieces);
    }

    [Fact]
    public void A_long_run_is_cut_after_25000_characters()
    {
        string text = new string('x', 25_000) + new string('x', 5) + new string(' ', 25_003) + "y";

        var first = LongText.FirstStretch(text);
        var second = LongText.FirstStretch(text.AsSpan(first.Length));
        var third = LongText.FirstStretch(text.AsSpan(first.Length + second.Length));

        Assert.Equal(25_000, first.Length);
        Assert.Equal(5 + 25_000, second.Length);
        Assert.Equal("   y", third.ToString());
    }

    [Fact]
    public void A_long_text_is_cut_after_400000_characters_not_UTF16_units()
    {
        string text = string.Concat(Enumerable.Repeat("🦙 ", 200_001));

        Assert.Equal(600_000, LongText.FirstPart(text).Length);
    }

    // One vector holds names of special tokens that its author's program turned into their ids.
    private static List<int> WithSpecials(Tokenizer tokenizer, string text)
    {
        var ids = new List<int>();
        foreach (string part in Regex.Split(text, @"(<\|[a-z_]+\|>)"))
            if (tokenizer.TryGetSpecial(part, out int id))
                ids.Add(id);
            else
                tokenizer.EncodeTo(part, ids);
        return ids;
    }
}
