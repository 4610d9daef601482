using System.Text;
using Cria.Checkpoints;
using Cria.Cli.Hub;
using Cria.Cli.Recipes;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tests.Checkpoints;
using Cria.Tokenizers;

namespace Cria.Tests;

/// <summary>Damaged copies of the small files that stand around weights. Those of weights and records are tested beside their readers.</summary>
public sealed class FormatDamageTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Theory]
    [InlineData("llama3.2-tied")]
    [InlineData("llama1-mha")]
    public void The_configuration_of_a_model(string name)
    {
        string source = TestData.Fixture($"golden/{name}");
        File.Copy(Path.Combine(source, "model.safetensors"), folder.File("model.safetensors"));

        Damage.Try(File.ReadAllBytes(Path.Combine(source, "config.json")), times: 400, seed: 11, bytes =>
        {
            File.WriteAllBytes(folder.File("config.json"), bytes);
            using var checkpoint = Checkpoint.Open(folder.Path, cpu);
            _ = new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, cpu);
        });
    }

    // Sizes are believed only when the weights have them: none is worth an allocation before.
    [Theory]
    [InlineData("hidden_size")]
    [InlineData("num_attention_heads")]
    [InlineData("num_key_value_heads")]
    [InlineData("head_dim")]
    [InlineData("intermediate_size")]
    [InlineData("vocab_size")]
    [InlineData("num_hidden_layers")]
    public void A_size_that_the_weights_do_not_have(string key)
    {
        string source = TestData.Fixture("golden/llama3.2-tied");
        File.Copy(Path.Combine(source, "model.safetensors"), folder.File("model.safetensors"));
        var config = JsonFile.Read(Path.Combine(source, "config.json"));
        foreach (long size in new[] { 0, -1, 65_536, 2_000_000_000, int.MaxValue, long.MaxValue })
        {
            config[key] = size;
            File.WriteAllText(folder.File("config.json"), config.ToJsonString());
            long before = GC.GetAllocatedBytesForCurrentThread();

            Assert.Throws<CheckpointException>(() =>
            {
                using var checkpoint = Checkpoint.Open(folder.Path, cpu);
                _ = new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, cpu);
            });

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        }
    }

    [Fact]
    public void The_parameters_of_a_model_as_Meta_lays_it_out()
    {
        using (var source = Checkpoint.Open(TestData.Fixture("golden/llama3.2-tied"), cpu))
            MetaBytes.Write(source, folder.Path, shards: 1, embeddingByRows: true);

        Damage.Try(File.ReadAllBytes(folder.File("params.json")), times: 300, seed: 18, bytes =>
        {
            File.WriteAllBytes(folder.File("params.json"), bytes);
            using var checkpoint = Checkpoint.Open(folder.Path, cpu);
            _ = new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, cpu);
        });
    }

    [Fact]
    public void An_adapter_in_an_archive_of_numpy()
    {
        string file = folder.File("adapter.npz");

        Damage.Try(File.ReadAllBytes(TestData.Path("models/adapters/tiny-random-llama-lora.npz")), times: 300, seed: 19, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            if (AdapterFile.Is(file))
                AdapterFile.Describe(file);
        });
    }

    [Fact]
    public void The_index_of_weights_in_parts()
    {
        foreach (string part in new[] { "one", "two" })
            Safetensors.Write(folder.File($"{part}.safetensors"), [new(part, cpu.From(new float[4], new Shape(4)))]);

        Damage.Try("""{"metadata":{"total_size":32},"weight_map":{"one":"one.safetensors","two":"two.safetensors"}}"""u8.ToArray(), times: 500, seed: 12, bytes =>
        {
            File.WriteAllBytes(folder.File("model.safetensors.index.json"), bytes);
            using var checkpoint = Checkpoint.Open(folder.Path, cpu);
        });
    }

    [Theory]
    [InlineData("peft-lora-all")]
    [InlineData("peft-dora")]
    [InlineData("peft-adaption-prompt")]
    [InlineData("peft-adapter-v2-paper")]
    public void The_settings_of_an_adapter(string name)
    {
        string file = folder.File("adapter_config.json");

        Damage.Try(File.ReadAllBytes(TestData.Fixture($"golden/{name}/adapter_config.json")), times: 300, seed: 13, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            HuggingFaceAdapter.ReadOptions(file);
        });
    }

    [Theory]
    [InlineData("tokenizers/small/torchtune_m.model")]
    [InlineData("tokenizers/small/tiktoken_small.model")]
    [InlineData("tokenizers/small/hf_test_sentencepiece_with_bytefallback.model")]
    public void A_tokenizer(string path)
    {
        byte[] whole = File.ReadAllBytes(TestData.Path(path));
        string file = folder.File("tokenizer.model");

        Damage.Try<TokenizerException>(whole, times: 150, seed: 14, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            var tokenizer = Tokenizer.Load(file);
            tokenizer.Decode(tokenizer.Encode("Hello, wörld! 123"));
        });
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"bos_token":"<s>","eos_token":{"content":"</s>","special":true},"add_bos_token":true,"added_tokens_decoder":{"259":{"content":"<x>","special":true}}}""")]
    [InlineData("added_tokens.json", """{"<x>":259,"<y>":260}""")]
    [InlineData("special_tokens_map.json", """{"bos_token":"<s>","eos_token":{"content":"</s>"}}""")]
    public void What_stands_beside_a_tokenizer(string name, string content)
    {
        File.Copy(Path.Combine(CriaTiny.Folder(), "tokenizer.model"), folder.File("tokenizer.model"));

        Damage.Try<TokenizerException>(Encoding.UTF8.GetBytes(content), times: 200, seed: 15, bytes =>
        {
            File.WriteAllBytes(folder.File(name), bytes);
            Tokenizer.Load(folder.Path);
        });
    }

    [Fact]
    public void What_a_hub_answers()
    {
        var name = new HubName("org/name");
        string answer = $$"""
            {"id":"org/name","sha":"{{new string('a', 40)}}","siblings":[{"rfilename":"config.json","size":7,"blobId":"{{new string('b', 40)}}"},
            {"rfilename":"x/model.safetensors","size":9,"blobId":"{{new string('c', 40)}}","lfs":{"sha256":"{{new string('d', 64)}}","size":9} } ] }
            """;

        Damage.Try<HubException>(Encoding.UTF8.GetBytes(answer), times: 3_000, seed: 16, bytes =>
        {
            var listing = HubListing.Read(bytes, name);
            Assert.All(listing.Files, file => Assert.StartsWith(folder.Path + Path.DirectorySeparatorChar, Path.GetFullPath(Path.Combine(folder.Path, file.Path))));
        });
    }

    [Fact]
    public void A_recipe()
    {
        string file = folder.File("recipe.yaml");

        Damage.Try<OptionsException>("model: cria-tiny\nout: &o runs/x\ndata:\n  train: [a.jsonl, 'b']\npeft: {method: lora, rank: 4}\ntrain:\n  betas: [0.8, 0.9]\n  steps: 3\n"u8.ToArray(), times: 500, seed: 17, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            RecipeReader.Read(file, []);
        });
    }
}
