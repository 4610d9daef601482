using System.IO.Compression;
using System.Text.Json;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class ByteLevelVocabularyTests
{
    [Fact]
    public void The_merges_of_Llama_3_give_the_ids_of_its_ranks()
    {
        var ranks = Known.Llama3;
        var merges = Tokenizer.FromVocabulary(Llama3());
        var random = new Random(11);

        for (int i = 0; i < 300; i++)
        {
            string text = Texts.Random(random, 60, astral: true);
            Assert.Equal(ranks.Encode(text), merges.Encode(text));
        }
        Assert.All(Vectors.FromLines("vectors/llama.cpp/ggml-vocab-llama-bpe.gguf"), pair =>
        {
            Assert.Equal(pair.Ids, merges.Encode(pair.Text));
            Assert.Equal(pair.Text, merges.Decode(pair.Ids));
        });
    }

    [Fact]
    public void Begin_and_ends_are_those_given_and_those_of_Llama_3_by_name()
    {
        var tokenizer = Tokenizer.FromVocabulary(Llama3());

        Assert.Equal(128_256, tokenizer.VocabularySize);
        Assert.Equal(128_000, tokenizer.BeginOfText);
        Assert.Equal([128_009, 128_001], tokenizer.EndOfText);     // this file is older than <|eom_id|>
        Assert.True(tokenizer.TryGetSpecial("<|start_header_id|>", out int id) && id == 128_006);
        Assert.DoesNotContain(tokenizer.Encode("<|eot_id|>"), tokenizer.IsSpecial);
    }

    [Fact]
    public void Another_way_to_split_text_is_refused_by_name()
    {
        var other = new TokenizerVocabulary { Name = "other.gguf", Model = "gpt2", Splitter = "qwen2", Pieces = ["a"], Merges = [] };

        var error = Assert.Throws<TokenizerException>(() => Tokenizer.FromVocabulary(other));

        Assert.Equal(
            """
            other.gguf: this is no tokenizer that Cria reads.
              expected tokenizer.json, or a SentencePiece BPE model (LLaMA 1, Llama 2) or a rank file (Llama 3, Llama 4), usually named tokenizer.model
              found    a byte-level vocabulary that splits text by 'qwen2'
              fix      use a LLaMA model: its vocabulary names llama-bpe or llama3 or llama-v3 or llama4 or gpt-4o or gpt-2.
            """, error.Message);
    }

    [Theory, InlineData(null), InlineData("default")]
    public void A_vocabulary_of_Llama_3_that_names_no_splitter_is_known_by_its_marks(string? splitter)
    {
        var tokenizer = Tokenizer.FromVocabulary(Known.Llama3.ToVocabulary() with { Splitter = splitter });

        Assert.Equal("llama-bpe", tokenizer.ToVocabulary().Splitter);
    }

    [Fact]
    public void A_merge_of_pieces_that_are_not_there_is_named()
    {
        var broken = Llama3() with { Merges = ["Ġ Ġ", "ab"], Name = "broken.gguf" };

        var error = Assert.Throws<TokenizerException>(() => Tokenizer.FromVocabulary(broken));

        Assert.Equal(
            """
            broken.gguf: the tokenizer is damaged at merge 1.
              expected two pieces of the vocabulary whose joined text is a piece too
              found    'ab'
            """, error.Message);
    }

    // The same lists as in a GGUF file of Llama 3, from the JSON form of its tokenizer.
    internal static TokenizerVocabulary Llama3()
    {
        using var file = new GZipStream(File.OpenRead(TestData.Path("tokenizers/llama3/tokenizer.json.gz")), CompressionMode.Decompress);
        using var json = JsonDocument.Parse(file);
        var model = json.RootElement.GetProperty("model");
        string[] pieces = new string[128_256];
        var kinds = new TokenKind[pieces.Length];
        foreach (var piece in model.GetProperty("vocab").EnumerateObject())
            (pieces[piece.Value.GetInt32()], kinds[piece.Value.GetInt32()]) = (piece.Name, TokenKind.Normal);
        foreach (var added in json.RootElement.GetProperty("added_tokens").EnumerateArray())
            (pieces[added.GetProperty("id").GetInt32()], kinds[added.GetProperty("id").GetInt32()]) =
                (added.GetProperty("content").GetString()!, TokenKind.Control);
        return new()
        {
            Name = "llama3.gguf",
            Model = "gpt2",
            Splitter = "llama-bpe",
            Pieces = pieces,
            Kinds = kinds,
            Merges = [.. model.GetProperty("merges").EnumerateArray().Select(m => m.GetString()!)],
            BeginOfText = 128_000,
            EndOfText = [128_009],
        };
    }
}
