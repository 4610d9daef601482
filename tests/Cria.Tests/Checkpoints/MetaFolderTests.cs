using Cria.Checkpoints;
using Cria.Generation;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Checkpoints;

/// <summary>Meta's layout: each golden model written so computes what it does in Hugging Face's.</summary>
public sealed class MetaFolderTests : IDisposable
{
    private readonly CpuBackend cpu = new(threads: 2);
    private readonly TemporaryFolder folder = TestData.Folder();

    public static TheoryData<string, int, bool> Layouts => new()
    {
        { "llama1-mha", 1, false }, { "llama1-mha", 2, false }, { "llama2-gqa", 1, false }, { "llama2-gqa", 2, false },
        { "llama3.1-rope", 1, true }, { "llama3.1-rope", 2, true }, { "llama3.2-tied", 2, true },
    };

    public void Dispose()
    {
        folder.Dispose();
        cpu.Dispose();
    }

    [Theory, MemberData(nameof(Layouts))]
    public void A_model_computes_the_same_in_either_layout(string name, int shards, bool embeddingByRows)
    {
        using var golden = new Golden(name);
        using var off = Gradients.Off();
        Write(name, shards, embeddingByRows);
        int[] ids = golden.Sequences("input_ids")[0];
        float[] expected = Logits(golden.Model, ids);

        using var checkpoint = Checkpoint.Open(folder.Path, cpu);
        var config = LlamaConfig.Read(checkpoint);
        // Meta's files do not say from which context a model was stretched: that is always 8,192, and here 32.
        var model = new LlamaModel(config with { RotaryScaling = golden.Model.Config.RotaryScaling, ContextLength = golden.Model.Config.ContextLength }, checkpoint, cpu);

        Assert.Equal(golden.Model.Config, model.Config);
        Near.Equal(expected, Logits(model, ids), Tolerances.SameModel);
        var options = new SamplingOptions { MaxTokens = 24 };
        Assert.Equal(
            new Generator(golden.Model, NoText.Tokenizer(320)).Batch([ids], options, TestContext.Current.CancellationToken)[0].Tokens,
            new Generator(model, NoText.Tokenizer(320)).Batch([ids], options, TestContext.Current.CancellationToken)[0].Tokens);
    }

    private static float[] Logits(LlamaModel model, int[] ids) =>
        model.Logits(model.Forward(ids, ForwardContext.Sequences(ids.Length))).Floats().ToArray();

    private void Write(string name, int shards, bool embeddingByRows)
    {
        using var from = Checkpoint.Open(TestData.Fixture($"golden/{name}"), cpu);
        MetaBytes.Write(from, folder.Path, shards, embeddingByRows);
    }
}
