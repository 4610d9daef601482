using System.Text;
using Cria.Tokenizers;

namespace Cria.Tests.Tokenizers;

public class TokenizerFileTests
{
    [Theory]
    [InlineData("tokenizer.model")]
    [InlineData("original/tokenizer.model")]
    public void A_folder_is_read_by_the_file_in_it(string name)
    {
        using var folder = TestData.Folder();
        Directory.CreateDirectory(folder.File("original"));
        File.Copy(TestData.Path("tokenizers/small/tiktoken_small.model"), folder.File(name));

        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal(2_256, tokenizer.VocabularySize);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_says_what_is_read_and_what_to_do()
    {
        using var folder = TestData.Folder();

        var error = Assert.Throws<TokenizerException>(() => Tokenizer.Load(folder.Path));

        Assert.Equal(
            $"""
            {folder.Path}: no tokenizer here.
              expected tokenizer.json, or tokenizer.model: a SentencePiece BPE model (LLaMA 1, Llama 2) or a rank file (Llama 3, Llama 4)
              found    neither tokenizer.json nor tokenizer.model
              fix      take tokenizer.json or tokenizer.model from the model's release. Put it into {folder.Path}.
            """, error.Message);
    }

    [Fact]
    public void A_path_to_nothing_is_named()
    {
        var error = Assert.Throws<TokenizerException>(() => Tokenizer.Load("/no/such/folder"));

        Assert.StartsWith("/no/such/folder: no tokenizer here.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 499723\n", "a Git LFS pointer, which stands for the file: 'git lfs pull' fetches it")]
    [InlineData("GGUF\u0003\0\0\0", "a GGUF model: open it as a model, its vocabulary is inside")]
    [InlineData("  { \"weight_map\": {} }", "a JSON file without a tokenizer's model")]
    [InlineData("PK\u0003\u0004zip", "a file that begins with the bytes 504B03047A6970")]
    public void Another_kind_of_file_is_named(string content, string found)
    {
        var error = Assert.Throws<TokenizerException>(() => LoadBytes(Encoding.Latin1.GetBytes(content)));

        Assert.Contains($"found    {found}\n", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hf_test_sentencepiece.model", "a SentencePiece model of type 1 (unigram)")]
    [InlineData("hf_test_sentencepiece_no_bos.model", "a SentencePiece model of type 1 (unigram)")]
    [InlineData("hf_test_sentencepiece_with_bytefallback.model", "a SentencePiece model of type 1 (unigram)")]
    [InlineData("torchtune_m.model", "a SentencePiece model of type 1 (unigram)")]
    public void A_SentencePiece_model_that_no_LLaMA_has_is_refused(string file, string found)
    {
        var error = Assert.Throws<TokenizerException>(() => Tokenizer.Load(TestData.Path("tokenizers/small/" + file)));

        Assert.Contains($"found    {found}\n", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AA== 0\nAQ== 1\nAg==\n", "line 3", "'Ag=='")]
    [InlineData("AA== 0\nA*== 1\n", "line 2", "'A*== 1'")]
    [InlineData("AA== 0\nAQ== -1\n", "line 2", "'AQ== -1'")]
    [InlineData("AA== 0\nAQ== 1x\n", "line 2", "'AQ== 1x'")]
    [InlineData("AA== 0\nAQ== 99999999999\n", "line 2", "'AQ== 99999999999'")]
    [InlineData("AA== 0\r\nAA== 1\r\n", "line 2", "'AA== 1 '")]
    [InlineData("AA== 0\nAQ== 2\n", "its ranks", "a rank of 2")]
    [InlineData("AA== 1\nAQ== 1\n", "its ranks", "two tokens of rank 1")]
    [InlineData("AA== 0\nAQ== 1\n", "its list of tokens", "no token for the byte 0x02")]
    public void A_damaged_rank_file_says_where(string content, string where, string found)
    {
        var error = Assert.Throws<TokenizerException>(() => LoadBytes(Encoding.Latin1.GetBytes(content)));

        Assert.Contains($"the tokenizer is damaged at {where}.\n", error.Message, StringComparison.Ordinal);
        Assert.EndsWith($"found    {found}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0A FF FF FF FF 0F 0A", "byte 6 (field 1)", "a field of 4294967295 bytes")]
    [InlineData("0A FF FF FF FF FF FF FF FF FF FF FF", "byte 11 (field 1)", "a longer one")]
    [InlineData("0A 80", "byte 2 (field 1)", "the end of the message")]
    [InlineData("0A 02 0A 05", "byte 4 (field 1)", "a field of 5 bytes")]
    [InlineData("0A 03 10 01 08", "byte 4 (field 2)", "wire type 0")]
    [InlineData("0A 02 0A 00", "piece 0", "an empty piece")]
    [InlineData("0B", "", "a file that begins with the bytes 0B")]
    [InlineData("12 02 18 02", "", "a SentencePiece model without pieces")]
    public void A_damaged_SentencePiece_model_says_where(string hex, string where, string found)
    {
        var error = Assert.Throws<TokenizerException>(() => LoadBytes(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

        Assert.Contains(where, error.Message, StringComparison.Ordinal);
        Assert.Contains($"found    {found}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizers/llama2/tokenizer.model")]
    [InlineData("tokenizers/small/tiktoken_small.model")]
    [InlineData("tokenizers/small/tiktoken_small_llama4.model")]
    public void Any_damage_ends_in_a_tokenizer_or_in_its_exception_within_a_second(string file)
    {
        byte[] good = File.ReadAllBytes(TestData.Path(file));
        var random = new Random(5);
        for (int i = 0; i < 60; i++)
        {
            byte[] bad = random.Next(2) == 0 ? good[..random.Next(good.Length)] : [.. good];
            for (int n = random.Next(1, 20); n > 0 && bad.Length > 0; n--)
                bad[random.Next(random.Next(2) == 0 ? Math.Min(200, bad.Length) : bad.Length)] = (byte)random.Next(256);
            Quick.Within(seconds: 2, () =>
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                var error = Record.Exception(() => LoadBytes(bad).Encode("Hello <s> 🦙"));

                Assert.True(error is null or TokenizerException, error?.ToString());
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000_000);
            });
        }
    }

    private static Tokenizer LoadBytes(byte[] content)
    {
        using var folder = TestData.Folder();
        File.WriteAllBytes(folder.File("tokenizer.model"), content);
        return Tokenizer.Load(folder.Path);
    }
}
