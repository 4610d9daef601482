using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

/// <summary>Which tokens begin and end a text, by the files that stand beside a tokenizer's own.</summary>
public class TokenizerSettingsTests
{
    private static readonly TokenizerVocabulary Small = new()
    {
        Name = "small",
        Model = "llama",
        Pieces = ["<unk>", "<s>", "</s>", "▁", "a", "<|im_end|>", "<|stop|>"],
        Kinds = [TokenKind.Unknown, TokenKind.Control, TokenKind.Control, TokenKind.Normal, TokenKind.Normal, TokenKind.Control, TokenKind.Control],
        Scores = new float[7],
    };

    [Theory]
    [InlineData("{}", "{}", "{}", 1, new[] { 2 })]
    [InlineData("""{"eos_token": "<|im_end|>"}""", "{}", "{}", 1, new[] { 5 })]
    [InlineData("""{"eos_token": {"content": "<|im_end|>"}, "bos_token": {"content": "</s>"}}""", "{}", "{}", 2, new[] { 5 })]
    [InlineData("""{"eos_token": null, "bos_token": 7}""", """{"eos_token": "<|stop|>"}""", "{}", 1, new[] { 6 })]
    [InlineData("""{"eos_token": "</s>"}""", "{}", """{"eos_token_id": [6, 5]}""", 1, new[] { 2, 6, 5 })]
    [InlineData("""{"eos_token": "</s>"}""", "{}", """{"eos_token_id": 5}""", 1, new[] { 2, 5 })]
    // Wrong in old conversions: the begin token, a text, an id of nothing.
    [InlineData("""{"eos_token": "a"}""", "{}", """{"eos_token_id": [1, 4, 700, "x"]}""", 1, new[] { 2 })]
    public void Begin_and_ends_come_from_the_files_beside(string config, string map, string generation, int begin, int[] ends)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("tokenizer_config.json"), config);
        File.WriteAllText(folder.File("special_tokens_map.json"), map);
        File.WriteAllText(folder.File("generation_config.json"), generation);

        var vocabulary = TokenizerSettings.Read(folder.Path).Apply(Small);

        Assert.Equal(begin, vocabulary.BeginOfText);
        Assert.Equal(ends, vocabulary.EndOfText);
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"added_tokens_decoder": {"1": {"content": "<s>", "special": true}, "32000": {"content": "<|im_end|>", "special": true}}, "eos_token": "<|im_end|>"}""")]
    [InlineData("added_tokens.json", """{"<|im_end|>": 32000}""")]
    public void Tokens_added_beside_a_SentencePiece_model_are_found(string name, string json)
    {
        using var folder = TestData.Folder();
        File.Copy(TestData.Path("tokenizers/llama2/tokenizer.model"), folder.File("tokenizer.model"));
        File.WriteAllText(folder.File(name), json);

        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal(32_001, tokenizer.VocabularySize);
        Assert.True(tokenizer.TryGetSpecial("<|im_end|>", out int id) && id == 32_000);
        Assert.Equal(Known.Llama2.Encode("Hello <|im_end|>"), tokenizer.Encode("Hello <|im_end|>"));
        Assert.Contains(2, tokenizer.EndOfText);
    }

    [Fact]
    public void The_JSON_form_is_read_before_the_model_since_it_holds_the_added_tokens()
    {
        using var folder = KnownForms.JsonFolder("llama3_1");
        File.Copy(TestData.Path("tokenizers/llama2/tokenizer.model"), folder.File("tokenizer.model"));

        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal(128_256, tokenizer.VocabularySize);
        Assert.Equal([128_009, 128_001], tokenizer.EndOfText);
    }

    [Theory]
    [InlineData("tokenizer_config.json", "{\n\"eos_token\": }", "line 2")]
    [InlineData("generation_config.json", "{\n\"eos_token_id\": [1,", "line 2")]
    [InlineData("generation_config.json", "", "line 1")]
    public void A_damaged_file_beside_is_named(string name, string content, string where)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File(name), content);

        var error = Assert.Throws<TokenizerException>(() => TokenizerSettings.Read(folder.Path));

        Assert.StartsWith($"{folder.File(name)}: is damaged at {where}.", error.Message, StringComparison.Ordinal);
    }
}
