#:project ../src/Cria/Cria.csproj
// A method of your own, outside of the library, trained like any other: dotnet run -c Release samples/03-write-your-own-method.cs
using Cria;
using Cria.Data;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

using var llama = Llama.Load(CriaTiny.Name);
var options = new TrainingOptions { Steps = 100, BatchSize = 8, MicroBatchSize = 8, LearningRate = 3e-2 };
var data = TrainingData.Load(
    new DataOptions { Train = Path.Combine(CriaTiny.SampleTask(), "train.jsonl"), MaxLength = 64 },
    llama.Template, llama.Tokenizer, llama.Model.Config.VocabularySize, llama.Model.Config.ContextLength, options.Seed);
var adapter = new Ia3Options().Attach(llama.Model, seed: 1);
Console.WriteLine($"{adapter.TrainedCount:N0} of {llama.Model.Config.ParameterCount:N0} numbers are trained.");

string folder = Path.Combine(Path.GetTempPath(), $"cria-{DateTime.Now:yyyyMMdd-HHmmss}");
using var trainer = new Trainer(llama.Model, llama.Checkpoint, adapter, data, options, RunFolder.Create(folder));
await foreach (var step in trainer.RunAsync())
{
    if (step.Step % 10 == 0)
        Console.WriteLine($"step {step.Step} of {trainer.Steps}: loss {step.Loss:F4}");
}

/// <summary>IA³: keys, values and the inputs of the feed-forward's last layer, each times a trained vector. Liu et al. 2022, https://arxiv.org/abs/2205.05638.</summary>
internal sealed record Ia3Options : PeftOptions
{
    public override void Validate(Problems problems)
    {
    }

    public override Adapter Attach(LlamaModel model, ulong seed)
    {
        var adapter = new Adapter(this);
        foreach (var slot in model.Linears.Where(slot => slot.Name is "k_proj" or "v_proj" or "down_proj"))
        {
            var inner = slot.Linear;
            slot.Replace(new Ia3Linear(inner, slot, adapter, model.Device));
            adapter.OnDetach(() => slot.Replace(inner));
        }
        return adapter;
    }
}

internal sealed class Ia3Linear : ILinear
{
    private readonly ILinear inner;
    private readonly Adapter adapter;
    private readonly bool scalesInput;
    private readonly Parameter factors;

    public Ia3Linear(ILinear inner, LinearSlot slot, Adapter adapter, Backend device)
    {
        (this.inner, this.adapter, scalesInput) = (inner, adapter, slot.Name == "down_proj");
        float[] ones = [.. Enumerable.Repeat(1f, scalesInput ? inner.In : inner.Out)];      // a fresh one changes nothing
        factors = adapter.Train($"{slot.Path}.ia3_l", device.From(ones, new Shape(ones.Length)));
    }

    public int In => inner.In;

    public int Out => inner.Out;

    public Tensor Forward(Tensor x, ForwardContext context)
    {
        if (!adapter.Enabled)
            return inner.Forward(x, context);
        return scalesInput
            ? inner.Forward(x.ScaleColumns(factors.Value), context)
            : inner.Forward(x, context).ScaleColumns(factors.Value);
    }
}
