using Cria.Checkpoints;
using Cria.Conversion;
using Cria.Peft;

namespace Cria.Tests.Conversion;

public sealed class AdapterConverterTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void There_and_back_an_adapter_is_what_it_was()
    {
        string gguf = folder.File("lora.gguf"), back = folder.File("back");

        AdapterConverter.Convert(TrainedAdapter(), gguf, CriaTiny.Name, force: false);
        AdapterConverter.Convert(gguf, back, CriaTiny.Name, force: false);

        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], Directory.GetFiles(back).Select(file => Path.GetFileName(file)).Order());
        Assert.Equal(Weights(TrainedAdapter()), Weights(back));
    }

    // Half of an old adapter beside half of a new one would be read as one.
    [Fact]
    public void A_folder_is_replaced_as_a_whole()
    {
        string old = folder.File("old");
        Directory.CreateDirectory(Path.Combine(old, "adapter_config.json"));        // no file can be put here
        File.WriteAllText(Path.Combine(old, "adapter_model.bin"), "of another adapter");

        AdapterConverter.Convert(TrainedAdapter(), old, CriaTiny.Name, force: true);

        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], Directory.GetFileSystemEntries(old).Select(file => Path.GetFileName(file)).Order());
    }

    [Fact]
    public void A_failure_leaves_what_was_there_before_and_nothing_beside_it()
    {
        string file = folder.File("here");
        File.WriteAllText(file, "before");

        var wrong = Assert.Throws<CheckpointException>(() => AdapterConverter.Convert(TrainedAdapter(), file, CriaTiny.Name, force: true));

        Assert.StartsWith($"{file}: cannot be written: ", wrong.Message, StringComparison.Ordinal);
        Assert.Equal("before", File.ReadAllText(file));
        Assert.Equal(["adapter", "here"], Directory.GetFileSystemEntries(folder.Path).Select(entry => Path.GetFileName(entry)).Order());
    }

    private string TrainedAdapter()
    {
        string path = folder.File("adapter");
        if (Directory.Exists(path))
            return path;
        using var llama = Llama.Load(CriaTiny.Name);
        HuggingFaceAdapter.Save(Stirred.Adapter(new LoraOptions { Rank = 4, Targets = new Targets(["q_proj", "v_proj"]) }.Attach(llama.Model, seed: 1)), path, CriaTiny.Name);
        return path;
    }

    private static float[] Weights(string adapter)
    {
        using var llama = Llama.Load(CriaTiny.Name);
        return [.. llama.LoadAdapter(adapter).Trained.OrderBy(parameter => parameter.Name, StringComparer.Ordinal).SelectMany(parameter => parameter.Value.ToArray())];
    }
}
