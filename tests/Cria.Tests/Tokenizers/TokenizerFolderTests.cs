using System.Text.Json.Nodes;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class TokenizerFolderTests
{
    [Fact]
    public void Llama_3_is_written_as_Hugging_Face_has_it()
    {
        using var theirs = KnownForms.JsonFolder("llama3_1");
        using var ours = TestData.Folder();
        TokenizerFolder.Write(Tokenizer.Load(theirs.Path).ToVocabulary(), chatTemplate: null, ours.Path);
        var (expected, written) = (Json(theirs, "tokenizer.json"), Json(ours, "tokenizer.json"));

        foreach (string member in (string[])["added_tokens", "normalizer", "pre_tokenizer", "model"])
            Assert.True(JsonNode.DeepEquals(expected[member], written[member]), member);
        Assert.True(JsonNode.DeepEquals(expected["post_processor"]!["processors"]![1], written["post_processor"]));
        Assert.False(File.Exists(ours.File("tokenizer.model")));
    }

    // Mistral's, for want of a file of Llama 2: the same program made both.
    [Fact]
    public void Pieces_with_spaces_are_written_as_Hugging_Face_has_them()
    {
        using var theirs = KnownForms.JsonFolder("llama2");
        using var ours = TestData.Folder();
        TokenizerFolder.Write(Tokenizer.Load(theirs.Path).ToVocabulary(), chatTemplate: null, ours.Path);

        var (expected, written) = (Json(theirs, "tokenizer.json"), Json(ours, "tokenizer.json"));

        expected["model"]!.AsObject().Add("ignore_merges", false);      // newer than that file
        foreach (string member in (string[])["added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"])
            Assert.True(JsonNode.DeepEquals(expected[member], written[member]), member);
    }

    [Fact]
    public void The_SentencePiece_model_is_written_with_its_pieces_scores_and_kinds()
    {
        using var folder = TestData.Folder();
        var expected = Known.Llama2.ToVocabulary();

        TokenizerFolder.Write(expected, chatTemplate: null, folder.Path);
        var written = Tokenizer.Load(folder.File("tokenizer.model")).ToVocabulary();

        Assert.Equal(expected.Pieces, written.Pieces);
        Assert.Equal(expected.Scores, written.Scores);
        Assert.Equal(expected.Kinds, written.Kinds);
    }

    [Fact]
    public void The_settings_name_begin_end_and_template()
    {
        using var folder = TestData.Folder();

        TokenizerFolder.Write(ByteTokenizer.Create().ToVocabulary(), "{{ bos_token }}é", folder.Path);
        var config = Json(folder, "tokenizer_config.json");

        Assert.Equal("<|begin_of_text|>", (string?)config["bos_token"]);
        Assert.Equal("<|end_of_text|>", (string?)config["eos_token"]);
        Assert.Equal("{{ bos_token }}é", (string?)config["chat_template"]);
        Assert.Equal("PreTrainedTokenizerFast", (string?)config["tokenizer_class"]);
        Assert.Equal("<|eot_id|>", (string?)config["added_tokens_decoder"]!["260"]!["content"]);
    }

    [Fact]
    public void Tokens_that_were_added_come_back_in_their_places()
    {
        using var folder = TestData.Folder();
        var vocabulary = ByteTokenizer.Create().ToVocabulary();
        vocabulary = vocabulary with
        {
            Pieces = [.. vocabulary.Pieces, "<tool>", "ab", "[PAD263]", "<last>"],
            Kinds = [.. vocabulary.Kinds!, TokenKind.UserDefined, TokenKind.Normal, TokenKind.Unused, TokenKind.Control],
        };

        TokenizerFolder.Write(vocabulary, chatTemplate: null, folder.Path);
        var again = Tokenizer.Load(folder.Path);

        Assert.Equal(vocabulary.Pieces, again.ToVocabulary().Pieces);
        Assert.Equal([.. "b"u8, 262], again.Encode("b").Select(id => (int)again.Bytes(id)[0]).Concat(again.Encode("ab")));
        Assert.True(again.TryGetSpecial("<last>", out int last) && last == 264);
        Assert.False(again.IsSpecial(261));
    }

    [Fact]
    public void Two_pieces_of_one_text_cannot_be_written()
    {
        using var folder = TestData.Folder();
        var twice = new TokenizerVocabulary { Name = "twice.gguf", Model = "llama", Pieces = ["<unk>", "a", "a"], Scores = new float[3] };

        var error = Assert.Throws<TokenizerException>(() => TokenizerFolder.Write(twice, chatTemplate: null, folder.Path));

        Assert.Equal("twice.gguf: tokenizer.json cannot express this vocabulary, since it has two ids of one text, the second of them 2. " +
            "Keep the model in the form in which it came.", error.Message);
    }

    private static JsonNode Json(TemporaryFolder folder, string name) => JsonNode.Parse(File.ReadAllText(folder.File(name)))!;
}
