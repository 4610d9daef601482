using Cria.Checkpoints;
using Cria.Tests.Checkpoints;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

/// <summary>Vocabularies inside GGUF files.</summary>
public class GgufVocabularyTests
{
    [Theory]
    [InlineData("gpt-2")]
    [InlineData("phi-3")]
    public void Ids_equal_those_of_the_program_that_made_the_file(string name)
    {
        var tokenizer = Llama.LoadTokenizer(TestData.Path($"tokenizers/gguf/ggml-vocab-{name}.gguf"));

        Assert.All(Vectors.FromLines($"vectors/llama.cpp/ggml-vocab-{name}.gguf"), pair => Assert.Equal(pair.Ids, tokenizer.Encode(pair.Text)));
    }

    [Theory, InlineData(2), InlineData(3), InlineData(4)]
    public void A_vocabulary_written_into_a_file_gives_equal_ids(int generation)
    {
        using var folder = TestData.Folder();
        var expected = Known.Llama(generation);
        File.WriteAllBytes(folder.File("vocabulary"), Bytes(expected.ToVocabulary()));

        var tokenizer = Llama.LoadTokenizer(folder.File("vocabulary"));

        Assert.Equal(expected.BeginOfText, tokenizer.BeginOfText);
        Assert.Equal(expected.EndOfText, tokenizer.EndOfText);
        Assert.All(Vectors.HuggingFace($"llama{generation}"), pair => Assert.Equal(pair.Ids, tokenizer.Encode(pair.Text)));
    }

    [Fact]
    public void Lists_that_do_not_fit_together_are_named()
    {
        var lists = ByteTokenizer.Create().ToVocabulary();

        Assert.Contains("damaged at its kinds", ErrorOf(lists with { Kinds = [TokenKind.Normal] }), StringComparison.Ordinal);
        Assert.Contains("damaged at its begin and end tokens", ErrorOf(lists with { BeginOfText = 1_000_000_000 }), StringComparison.Ordinal);
        Assert.Contains("no token for the byte 0x00", ErrorOf(lists with { Pieces = ["x", .. lists.Pieces.Skip(1)] }), StringComparison.Ordinal);
        Assert.Contains("damaged at merge 0", ErrorOf(lists with { Merges = ["a b"] }), StringComparison.Ordinal);
        Assert.Contains("damaged at its scores", ErrorOf(lists with { Model = "llama", Merges = null, Scores = [1] }), StringComparison.Ordinal);
        Assert.Contains("a vocabulary of the kind 'bert'", ErrorOf(lists with { Model = "bert" }), StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Any_damage_ends_in_a_tokenizer_or_in_an_exception_that_says_what_is_wrong(bool byteLevel)
    {
        using var folder = TestData.Folder();
        var lists = byteLevel
            ? ByteTokenizer.Create().ToVocabulary() with { Pieces = [.. ByteTokenizer.Create().ToVocabulary().Pieces, "ab"], Kinds = null, Merges = ["a b"] }
            : new TokenizerVocabulary { Name = "", Model = "llama", Pieces = ["<unk>", "<s>", "</s>", "▁", "a", "b", "ab", "▁ab"], Scores = [0, 0, 0, -4, -5, -6, -1, -2] };

        Damage.Try<Exception>(Bytes(Tokenizer.FromVocabulary(lists).ToVocabulary()), times: 400, seed: 9, bytes =>
        {
            File.WriteAllBytes(folder.File("damaged.gguf"), bytes);
            var error = Record.Exception(() => Llama.LoadTokenizer(folder.File("damaged.gguf")).Encode("ab ab <s>"));
            Assert.True(error is null or CheckpointException or TokenizerException, error?.ToString());
        });
    }

    private static string ErrorOf(TokenizerVocabulary lists) => Assert.Throws<TokenizerException>(() => Tokenizer.FromVocabulary(lists)).Message;

    private static byte[] Bytes(TokenizerVocabulary lists)
    {
        var file = new GgufBytes()
            .Text("general.architecture", "llama")
            .Text("tokenizer.ggml.model", lists.Model)
            .Texts("tokenizer.ggml.tokens", [.. lists.Pieces])
            .List("tokenizer.ggml.token_type", 5, (ulong)lists.Kinds!.Count, [.. lists.Kinds.SelectMany(kind => BitConverter.GetBytes((int)kind))]);
        if (lists.BeginOfText is { } begin)
            file.U32("tokenizer.ggml.bos_token_id", (uint)begin);
        if (lists.EndOfText.Count > 0)
            file.U32("tokenizer.ggml.eos_token_id", (uint)lists.EndOfText[0]);
        if (lists.Splitter is { } splitter)
            file.Text("tokenizer.ggml.pre", splitter);
        if (lists.Merges is { } merges)
            file.Texts("tokenizer.ggml.merges", [.. merges]);
        if (lists.Scores is { } scores)
            file.List("tokenizer.ggml.scores", 6, (ulong)scores.Count, [.. scores.SelectMany(BitConverter.GetBytes)]);
        return file.Make();
    }
}
