using Cria.Checkpoints;
using Cria.Conversion;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests.Conversion;

/// <summary>A model in any type answers as the numbers that its weights unpack to: what is lost was lost when it was stored.</summary>
public sealed class UnpackedWeightsTests : IDisposable
{
    private static readonly int[] Ids = [1, 17, 400, 2_000, 33];

    private readonly TemporaryFolder folder = TestData.Folder();

    public static TheoryData<string> Types => [.. LlamaCppTests.Types];

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Types))]
    public void A_trained_model_answers_as_its_unpacked_weights_in_double_precision(string type)
    {
        string path = folder.File("model.gguf");
        ModelConverter.Convert(CriaTiny.Name, path, new ConversionOptions { Type = type }, TestContext.Current.CancellationToken);
        using var device = new CpuBackend(threads: 2);
        using var checkpoint = Checkpoint.Open(path, device);

        float[] expected = [.. new PlainLlama(checkpoint, new NoRounding()).Logits(Ids).SelectMany(row => row).Select(logit => (float)logit)];

        var model = new LlamaModel(LlamaConfig.Read(checkpoint), checkpoint, device);
        float tolerance = DataType.Parse(type) is { IsFloat: true } ? Tolerances.Logits : Tolerances.WideActivations;
        Near.Equal(expected, Answers.Logits(model, Ids), tolerance, "read in one pass");
        Near.Equal(expected, OneByOne(model), tolerance, "read one by one");
    }

    private static float[] OneByOne(LlamaModel model)
    {
        using var off = Gradients.Off();
        using var cache = new KeyValueCache(model, sequences: 1, capacity: Ids.Length);
        var logits = new List<float>();
        foreach (int id in Ids)
        {
            using var scope = TensorScope.Begin();
            logits.AddRange(model.Logits(model.Forward([id], cache.Continue([(0, 1)]))).Floats());
        }
        return [.. logits];
    }
}
