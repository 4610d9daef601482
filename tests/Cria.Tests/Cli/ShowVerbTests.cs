using System.Text.Json.Nodes;
using Cria.Cli.Show;
using Cria.Models;
using Cria.Tests.Checkpoints;

namespace Cria.Tests.Cli;

/// <summary><c>cria show</c> of models, adapters and vocabularies.</summary>
public sealed class ShowVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_model_is_told_with_its_storage_its_tokenizer_and_its_rotary_scaling()
    {
        var tiny = (await Command.SucceedAsync("show", "cria-tiny", "--json")).Json;
        var stretched = await Command.SucceedAsync("show", TestData.Fixture("golden/llama3.1-rope"));

        Assert.Equal(("model", "safetensors", 8), ((string)tiny["kind"]!, (string)tiny["format"]!, (int)tiny["layers"]!));
        Assert.Equal((long)tiny["parameters"]!, (long)tiny["types"]!["bf16"]!);
        Assert.Equal(2 * (long)tiny["parameters"]!, (long)tiny["type_bytes"]!["bf16"]!);
        Assert.Equal(("byte-level BPE", 4096, "<|begin_of_text|>"),
            ((string)tiny["tokenizer"]!["kind"]!, (int)tiny["tokenizer"]!["tokens"]!, (string)tiny["tokenizer"]!["begin_of_text"]!["piece"]!));
        Assert.Null(tiny["tensors"]);
        Assert.Matches("rotary scaling +rope type llama3, factor 8, low freq factor 1", stretched.Out);
        Assert.Matches("types +f32 \\(216,288, 865 kB\\)", stretched.Out);
    }

    [Fact]
    public async Task Every_tensor_is_listed_on_request()
    {
        var run = await Command.SucceedAsync("show", "cria-tiny", "--tensors");

        Assert.Contains("model.layers.7.mlp.down_proj.weight  bf16 [384, 1024]", run.Out);
    }

    [Fact]
    public async Task Of_an_adapter_one_line_stands_for_all_layers()
    {
        var run = await Command.SucceedAsync("show", TestData.Fixture("golden/peft-lora-all"));

        Assert.Contains("3 × base_model.model.model.layers.*.self_attn.q_proj.lora_A.weight  f32 [8, 64]", run.Out);
        Assert.Matches("method +lora", run.Out);
        Assert.DoesNotContain("rank pattern", run.Out);
    }

    [Fact]
    public async Task A_vocabulary_is_shown_without_a_model()
    {
        string file = Path.Combine(CriaTiny.Folder(), "tokenizer.model");
        File.Copy(file, folder.File("tokenizer.model"));
        string gguf = GgufBytes.TinyLlama().Text("tokenizer.ggml.model", "llama").Texts("tokenizer.ggml.tokens", "<unk>", "<s>", "</s>", "a")
            .List("tokenizer.ggml.scores", 6, 4, new byte[16]).U32("tokenizer.ggml.bos_token_id", 1).U32("tokenizer.ggml.eos_token_id", 2).Write(folder.File("vocab.gguf"));

        var bare = (await Command.SucceedAsync("show", file, "--json")).Json;
        var inGguf = await Command.SucceedAsync("show", gguf);
        File.Delete(gguf);
        var inFolder = (await Command.SucceedAsync("show", folder.Path, "--json")).Json;

        Assert.Equal(("vocabulary", 4096), ((string)bare["kind"]!, (int)bare["tokens"]!));
        Assert.Matches("kind +vocabulary\ntokenizer +SentencePiece\ntokens +4\nspecial tokens +3\nbegin of text +1 <s>\nend of text +2 </s>", inGguf.Out);
        Assert.Equal(4096, (int)inFolder["tokens"]!);
    }

    [Theory]
    [InlineData("llama-3.2-1b", "llama-3.2-1b")]
    [InlineData("llama-3.1-70b", "llama-3.1-70b, llama-3.3-70b")]
    [InlineData("llama-3-70b", "llama-3-70b")]
    [InlineData("llama-1-7b", "llama-1-7b")]
    [InlineData("code-llama-34b", "code-llama-34b")]
    public void A_published_shape_is_known_by_its_name(string shape, string names)
    {
        Assert.Equal(names, string.Join(", ", ShapeName.Of(NamedShapes.All[shape])));
    }

    [Fact]
    public void A_fine_tuned_shape_may_have_more_tokens_and_another_context()
    {
        var config = NamedShapes.All["llama-3-8b"] with { VocabularySize = 128_264, ContextLength = 262_144, RotaryBase = 1e7f };

        Assert.Equal(["llama-3-8b", "llama-3.1-8b"], ShapeName.Of(config));
        Assert.Empty(ShapeName.Of(config with { Layers = 31 }));
    }
}
