using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

public sealed class HuggingFaceFolderTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 1);
    private readonly TemporaryFolder folder = TestData.Folder();

    private string Index => folder.File("model.safetensors.index.json");

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Fact]
    public void A_folder_gives_its_configuration_and_tensors()
    {
        using var checkpoint = Checkpoint.Open(TestData.Fixture("golden/llama2-gqa"), cpu);

        Assert.Equal(64, (int)checkpoint.Config["hidden_size"]!);
        Assert.Equal("config.json", checkpoint.ConfigName);
        Assert.Equal(3 * 9 + 3, checkpoint.Tensors.Count);
        Assert.Equal("[16, 64]", checkpoint.Tensors["model.layers.0.self_attn.k_proj.weight"].Shape.ToString());
    }

    [Fact]
    public void Shards_are_found_through_the_index()
    {
        WriteShards();

        using var checkpoint = Checkpoint.Open(folder.Path, cpu);

        Assert.True(checkpoint.TryGet("b", out var b));
        Assert.Equal([2f], b.Floats().ToArray());
        Assert.Equal(folder.File("model-2.safetensors"), checkpoint.Tensors["b"].File);
    }

    [Fact]
    public void Links_into_a_cache_are_followed()
    {
        Directory.CreateDirectory(folder.File("blobs"));
        Directory.CreateDirectory(folder.File("snapshot"));
        WriteOne("blobs/4f0c", "a", 1);
        File.CreateSymbolicLink(folder.File("snapshot/model.safetensors"), "../blobs/4f0c");

        using var checkpoint = Checkpoint.Open(folder.File("snapshot"), cpu);

        Assert.Equal(["a"], checkpoint.Tensors.Keys);
    }

    [Theory]
    [InlineData("../model-2.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("sub\\model.safetensors")]
    [InlineData("c:model.safetensors")]
    [InlineData("")]
    public void An_index_cannot_leave_its_folder(string part)
    {
        WriteShards();
        string quoted = part.Replace("\\", "\\\\");
        File.WriteAllText(Index, $$"""{"weight_map": {"a": "model-1.safetensors", "b": "{{quoted}}" } }""");

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Path, cpu));

        Assert.Equal(
            $"""
            {Index}: tensor 'b' is said to be outside of the folder.
              expected the plain name of a file beside this one
              found    '{part}'
            """, wrong.Message);
    }

    [Fact]
    public void A_link_in_an_index_cannot_leave_the_folder()
    {
        WriteShards();
        using var elsewhere = TestData.Folder();
        string target = elsewhere.File("secret");
        File.Move(folder.File("model-2.safetensors"), target);
        File.CreateSymbolicLink(folder.File("model-2.safetensors"), target);

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Path, cpu));

        Assert.Equal(
            $"""
            {Index}: names the file 'model-2.safetensors', which is a link out of the folder.
              expected a file in the folder, or a link into the cache of Hugging Face (a folder blobs)
              found    '{target}'
              fix      copy the file into the folder
            """, wrong.Message);
    }

    [Fact]
    public void Shards_in_the_cache_are_links_into_blobs()
    {
        WriteShards();
        Directory.CreateDirectory(folder.File("blobs"));
        File.Move(folder.File("model-2.safetensors"), folder.File("blobs/4f0c"));
        File.CreateSymbolicLink(folder.File("model-2.safetensors"), "blobs/4f0c");

        using var checkpoint = Checkpoint.Open(folder.Path, cpu);

        Assert.True(checkpoint.TryGet("b", out _));
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("pytorch_model-1.bin", "pytorch_model-2.bin")]
    public void PyTorch_files_of_Hugging_Face_open_like_safetensors(params string[] parts)
    {
        using var safe = Checkpoint.Open(TestData.Fixture("golden/llama2-gqa"), cpu);
        var places = new JsonObject();
        for (int i = 0; i < parts.Length; i++)
        {
            var file = new TorchBytes();
            foreach (string name in safe.Tensors.Keys.Where((_, n) => n % parts.Length == i))
            {
                Assert.True(safe.TryGet(name, out var tensor));
                file.Tensor(name, tensor);
                places[name] = parts[i];
            }
            file.Write(folder.File(parts[i]));
        }
        if (parts.Length > 1)
            File.WriteAllText(folder.File("pytorch_model.bin.index.json"), new JsonObject { ["weight_map"] = places }.ToJsonString());
        File.Copy(TestData.Fixture("golden/llama2-gqa/config.json"), folder.File("config.json"));

        using var torch = Checkpoint.Open(folder.Path, cpu);

        Assert.Equal(safe.Tensors.Keys.Order(), torch.Tensors.Keys.Order());
        foreach (string name in safe.Tensors.Keys)
        {
            Assert.True(safe.TryGet(name, out var expected) && torch.TryGet(name, out var found) && found.Storage.IsMapped);
            Assert.True(torch.TryGet(name, out var ours) && ours.Shape == expected!.Shape && ours.Floats().SequenceEqual(expected.Floats()), name);
        }
        Assert.Equal(3, LlamaConfig.Read(torch).Layers);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"weight_map": []}""")]
    [InlineData("""{"weight_map": {"a": 1}}""")]
    public void An_index_without_places_is_refused(string index)
    {
        File.WriteAllText(Index, index);

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Path, cpu));

        Assert.Equal($"{Index}: has no 'weight_map' that gives each tensor's name the name of its file.", wrong.Message);
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        WriteShards();
        File.Delete(folder.File("model-2.safetensors"));

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Path, cpu));

        Assert.Equal(
            $"{Index}: names the file 'model-2.safetensors', which is not in the folder. The download is not complete: get the missing file.",
            wrong.Message);
    }

    [Fact]
    public void A_shard_without_its_tensor_is_named()
    {
        WriteShards();
        WriteOne("model-2.safetensors", "c", 2);

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Path, cpu));

        Assert.Equal(
            $"{Index}: says that tensor 'b' is in 'model-2.safetensors', which does not hold it. "
            + "The files do not belong together: download them again.", wrong.Message);
    }

    [Theory]
    [InlineData("llama.gguf", "llama.gguf: give the path of that file instead of the folder")]
    [InlineData("adapter_model.safetensors", "adapter_model.safetensors: this is an adapter; give the model that it belongs to as the base")]
    [InlineData("weights.pth", "weights.pth: give the path of that file instead of the folder")]
    public void A_folder_without_weights_says_what_else_it_holds(string file, string hint)
    {
        File.WriteAllText(folder.File(file), "");

        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder.Path, cpu));

        Assert.Equal(
            $"""
            {folder.Path}: holds no weights that Cria reads.
              expected model.safetensors or pytorch_model.bin (or the .index.json of either and its files), or consolidated.00.pth
              found    {hint}
            """, wrong.Message);
    }

    [Fact]
    public void A_path_to_nothing_is_named()
    {
        var wrong = Assert.Throws<CheckpointException>(() => Checkpoint.Open("no/such/model", cpu));

        Assert.Equal("no/such/model: there is no such file or folder.", wrong.Message);
    }

    [Fact]
    public void A_missing_configuration_is_an_error_only_when_it_is_wanted()
    {
        WriteOne("model.safetensors", "a", 1);
        using var checkpoint = Checkpoint.Open(folder.Path, cpu);

        var wrong = Assert.Throws<CheckpointException>(() => checkpoint.Config);

        Assert.Equal(
            $"{folder.Path}: config.json is missing, which holds the sizes of the model. Download it from where the weights came from.",
            wrong.Message);
    }

    private void WriteShards()
    {
        WriteOne("model-1.safetensors", "a", 1);
        WriteOne("model-2.safetensors", "b", 2);
        File.WriteAllText(Index, """{"metadata": {"total_size": 8}, "weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}""");
    }

    private void WriteOne(string file, string tensor, float number) =>
        Safetensors.Write(folder.File(file), [new(tensor, cpu.From([number], new Shape(1)))]);
}
