using Cria.Conversion;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Conversion;

/// <summary>A model of random weights on disk: two layers, 256 numbers wide, as blocks of 256 need it.</summary>
internal static class RandomModel
{
    public static LlamaConfig Shape(int vocabulary) => new()
    {
        HiddenSize = 256,
        Layers = 2,
        Heads = 8,
        KeyValueHeads = 4,
        HeadSize = 32,
        IntermediateSize = 512,
        VocabularySize = vocabulary,
        ContextLength = 256,
    };

    /// <summary>Writes one in Hugging Face's form, f32.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="tokenizer">A tokenizer file that becomes part of it; null for none.</param>
    public static string Write(string folder, LlamaConfig shape, string? tokenizer = null)
    {
        using var device = new CpuBackend(threads: 2);
        using var source = TestData.Folder();
        if (tokenizer is not null)
            File.Copy(tokenizer, source.File("tokenizer.model"));
        using var model = new ModelFiles(new RandomCheckpoint(shape, device, DataType.F32, seed: 7), source.Path);
        ModelConverter.Write(model, folder, TypeMix.Parse("f32")!, new ConversionOptions(), TestContext.Current.CancellationToken);
        return folder;
    }
}
