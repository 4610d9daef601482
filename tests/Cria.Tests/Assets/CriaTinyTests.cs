using Cria.Checkpoints;
using Cria.Tensors;

namespace Cria.Tests.Assets;

public class CriaTinyTests
{
    [Fact]
    public void Many_may_ask_for_the_model_inside_at_once()
    {
        using var cache = TestData.Folder();

        Parallel.For(0, 8, _ => Assert.True(File.Exists(Path.Combine(CriaTiny.Folder(cache.Path), "model.safetensors"))));
    }

    [Fact]
    public void What_ships_in_8_bits_lies_there_in_16_and_nothing_else_beside_it()
    {
        using var cache = TestData.Folder();
        using var device = new CpuBackend(1);

        string folder = CriaTiny.Folder(cache.Path);

        Assert.Equal(["config.json", "model.safetensors", "tokenizer.model"], Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order());
        using var unpacked = Checkpoint.Open(folder, device);
        using var packed = Checkpoint.Open(Path.Combine(TestData.Checkout, "src/Cria/Assets/cria-tiny/model.gguf"), device);
        Assert.Equal(packed.Tensors.Keys.Order(), unpacked.Tensors.Keys.Order());
        const string rotated = "model.layers.7.self_attn.k_proj.weight";
        Assert.Equal(DataType.Q8, packed.Tensors[rotated].Type);
        Assert.True(packed.TryGet(rotated, out var theirs) && unpacked.TryGet(rotated, out var ours) && theirs.To(DataType.BF16).Storage.Bytes(0, 4096).SequenceEqual(ours.Storage.Bytes(0, 4096)));
    }
}
