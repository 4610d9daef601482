using System.Text.Json.Nodes;
using Cria.Tests.Tokenizers;
using Cria.Tokenizers;

namespace Cria.Tests.Cli;

public class TokenizeVerbTests
{
    [Fact]
    public async Task A_folder_and_each_file_of_it_name_the_same_tokenizer()
    {
        using var folder = TestData.Folder();
        TokenizerFolder.Write(Known.Llama2.ToVocabulary(), chatTemplate: null, folder.Path);
        string gguf = TestData.Path("tokenizers/gguf/ggml-vocab-llama-spm.gguf");

        foreach (string model in (string[])[folder.Path, folder.File("tokenizer.json"), folder.File("tokenizer.model"), gguf])
        {
            var run = await Command.SucceedAsync("tokenize", model, "Hello wörld", "--special", "--json");

            Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
                {"ids": [1, 15043, 281, 1340, 430], "pieces": ["<s>", " Hello", " w", "ör", "ld"]}
                """), run.Json), $"{model}: {run.Out}");
        }
    }

    [Fact]
    public async Task Ids_of_a_tokenizer_json_are_turned_back_into_text()
    {
        using var folder = KnownForms.JsonFolder("llama3_1");

        var run = await Command.SucceedAsync("tokenize", folder.File("tokenizer.json"), "--decode", "[128000, 9906, 11, 1917, 0, 128009]");
        var special = await Command.SucceedAsync("tokenize", folder.Path, "--decode", "128000,9906,128009", "--special");

        Assert.Equal("Hello, world!\n", run.Out);
        Assert.Equal("<|begin_of_text|>Hello<|eot_id|>\n", special.Out);
    }

    [Fact]
    public async Task A_JSON_file_that_is_no_tokenizer_is_named()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("config.json"), """{"model_type": "llama"}""");

        var run = await Command.RunAsync("tokenize", folder.File("config.json"), "Hello");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("found    a JSON file without a tokenizer's model", run.Error, StringComparison.Ordinal);
    }
}
