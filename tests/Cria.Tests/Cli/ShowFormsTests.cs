using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tests.Checkpoints;

namespace Cria.Tests.Cli;

/// <summary><c>cria show</c> and <c>--adapter</c> over every kind of file.</summary>
public sealed class ShowFormsTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    private static string Base => TestData.Fixture("golden/llama2-gqa");

    private static string Adapter => TestData.Fixture("golden/peft-lora-all");

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Fact]
    public async Task A_model_of_Meta_in_two_shards_is_the_same_as_in_one_file()
    {
        using (var from = Checkpoint.Open(Base, cpu))
            MetaBytes.Write(from, folder.Path, shards: 2, embeddingByRows: false);

        var meta = (await Command.SucceedAsync("show", folder.Path, "--json")).Json;
        var hugging = (await Command.SucceedAsync("show", Base, "--json")).Json;

        Assert.Equal("PyTorch, names of Meta, 2 files", (string?)meta["format"]);
        foreach (string key in new[] { "layers", "hidden_size", "heads", "key_value_heads", "head_size", "intermediate_size", "vocabulary_size", "parameters", "types", "bytes" })
            Assert.True(JsonNode.DeepEquals(hugging[key], meta[key]), key);
    }

    [Fact]
    public async Task Shards_larger_than_the_memory_are_shown_without_being_read()
    {
        for (int i = 0; i < 8; i++)
        {
            new TorchBytes().Floats("norm.weight", new float[8192], 8192).Hole("tok_embeddings.weight", 1L << 24, 8192)
                .Write(folder.File($"consolidated.{i:00}.pth"));
        }

        var shown = (await Command.SucceedAsync("show", folder.Path, "--json")).Json;

        Assert.Equal((1L << 27) * 8192 * 2 + 8192 * 4, (long)shown["bytes"]!);
        Assert.Equal(1L << 27, (long)shown["vocabulary_size"]!);
        Assert.Contains("params.json", (string?)shown["missing"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x.gguf", AdapterForm.Gguf, "GGUF (llama.cpp)")]
    [InlineData("peft", AdapterForm.HuggingFace, "peft")]
    public async Task An_adapter_in_any_form_tells_what_it_is_and_scores_the_same(string name, AdapterForm form, string said)
    {
        Save(folder.File(name), form);
        File.WriteAllText(folder.File("ids.json"), "[[1, 2, 3, 4, 5, 6, 7, 8]]");

        var shown = (await Command.SucceedAsync("show", folder.File(name), "--json")).Json;

        Assert.Equal(("adapter", said, "lora", 8, 16, 42), ((string?)shown["kind"], (string?)shown["form"], (string?)shown["method"], (int)shown["rank"]!, (int)shown["alpha"]!, (int)shown["trained_tensors"]!));
        Assert.Equal([0, 1, 2], shown["adapted_layers"]!.AsArray().Select(layer => (int)layer!));
        Assert.Equal("llama2-gqa", (string?)shown["base"]);
        foreach (string scale in new[] { "", ":0.5" })
            Assert.Equal(await Perplexity($"{Adapter}{scale}"), await Perplexity($"{folder.File(name)}{scale}"), 1e-4);
    }

    [Fact]
    public async Task What_had_to_be_assumed_is_said_once_on_the_error_stream()
    {
        string path = new TorchBytes().Floats("layers.0.attention.wo.lora_A", new float[64], 1, 64).Floats("layers.0.attention.wo.lora_B", new float[64], 64, 1).Write(folder.File("lora.pt"));
        File.WriteAllText(folder.File("ids.json"), "[[1, 2, 3]]");

        var scored = await Command.SucceedAsync("score", Base, "--adapter", path, "--token-ids", folder.File("ids.json"));

        Assert.Equal($"{path}: says no alpha; it is taken to be the rank, so that the scale is 1. ADAPTER:2 doubles it.\n", scored.Error);
    }

    private async Task<double> Perplexity(string adapter) =>
        (double)(await Command.SucceedAsync("score", Base, "--adapter", adapter, "--token-ids", folder.File("ids.json"), "--json")).Json["perplexity"]!;

    private void Save(string path, AdapterForm form)
    {
        using var checkpoint = Checkpoint.Open(Base, cpu);
        var model = new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, cpu);
        AdapterFile.Save(AdapterFile.Load(model, Adapter), path, form, "llama2-gqa");
    }
}
