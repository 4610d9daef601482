using System.Text.Json;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.Peft;

/// <summary>What every fine-tuning method must keep, over every storage type of the base. A new method adds one line to <see cref="Methods"/>.</summary>
public class PeftTests
{
    private static readonly LlamaConfig Shape = new()
    {
        HiddenSize = 64,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadSize = 16,
        IntermediateSize = 128,
        VocabularySize = 96,
        ContextLength = 64,
    };

    private static readonly int[] Tokens = [.. Enumerable.Range(0, 24).Select(i => i * 31 % 96)];

    public static IReadOnlyList<PeftOptions> Methods =>
    [
        new LoraOptions { Rank = 2, Targets = new Targets(["q_proj", "v_proj", "gate_proj"]) },
        new LoraOptions { Rank = 4, Dropout = 0.1f },
        new FullOptions(),
    ];

    /// <summary>Each method by its number, over each type; full fine-tuning only over floats, since it leaves no base in blocks.</summary>
    public static TheoryData<int, string> MethodsAndTypes => new(
        from method in Enumerable.Range(0, Methods.Count)
        from type in DataType.All
        where Methods[method] is not FullOptions || type.IsFloat
        select (method, type.Name));

    [Theory, MemberData(nameof(MethodsAndTypes))]
    public void A_fresh_adapter_changes_no_bit(int method, string type)
    {
        using var device = new CpuBackend(threads: 2);
        using var off = Gradients.Off();
        var model = Model(device, type);
        float[] plain = Forward(model);

        Methods[method].Attach(model, seed: 5);

        Assert.Equal(plain, Forward(model), new SameWhereExact(type));
    }

    [Theory, MemberData(nameof(MethodsAndTypes))]
    public void Steps_move_every_trained_tensor_and_no_other_and_lower_the_loss(int method, string type)
    {
        using var device = new CpuBackend(threads: 2);
        var model = Model(device, type);
        var frozen = model.Parameters.Select(parameter => (Parameter: parameter, parameter.Value, Bytes: Bytes(parameter.Value))).ToList();
        var adapter = Methods[method].Attach(model, seed: 5);
        var before = adapter.Trained.ToDictionary(parameter => parameter.Name, parameter => parameter.Value.Floats().ToArray());
        using (Gradients.Off())
            Forward(model);                     // a validation pass comes first, as in a real run: nothing may remember it

        var losses = Train(model, adapter, steps: 10);

        Assert.All(adapter.Trained, parameter => Assert.NotEqual(before[parameter.Name], parameter.Value.Floats().ToArray()));
        Assert.True(losses[^1] < losses[0], $"from {losses[0]} to {losses[^1]}");
        adapter.Detach();
        Assert.All(frozen, one => Assert.Equal(one.Bytes, Bytes(one.Parameter.Value)));
        Assert.All(frozen, one => Assert.Same(one.Value, one.Parameter.Value));
    }

    [Theory, MemberData(nameof(MethodsAndTypes))]
    public void The_same_seed_gives_the_same_bits_on_any_number_of_threads(int method, string type)
    {
        float[][] Run(int threads)
        {
            using var device = new CpuBackend(threads);
            var model = Model(device, type);
            var adapter = Methods[method].Attach(model, seed: 5);
            Train(model, adapter, steps: 3);
            return [.. adapter.Trained.Select(parameter => parameter.Value.Floats().ToArray())];
        }

        Assert.Equal(Run(1), Run(3));
    }

    [Fact]
    public void A_setting_left_out_keeps_its_default()
    {
        var options = JsonSerializer.Deserialize("""{ "method": "lora", "rank": 8 }""", PeftJson.Default.PeftOptions);

        Assert.Equal(32, Assert.IsType<LoraOptions>(options).Alpha);
        Assert.Equal(8, ((LoraOptions)options).Rank);
    }

    private static LlamaModel Model(CpuBackend device, string type)
    {
        var weights = new RandomCheckpoint(Shape, device, DataType.F32, seed: 3);
        var model = new LlamaModel(Shape, weights, device);
        model.Quantize(DataType.Parse(type)!);
        return model;
    }

    private static float[] Forward(LlamaModel model)
    {
        using var scope = TensorScope.Begin();
        return model.Logits(model.Forward(Tokens, ForwardContext.Sequences(Tokens.Length))).Floats().ToArray();
    }

    private static List<float> Train(LlamaModel model, Adapter adapter, int steps)
    {
        var losses = new List<float>();
        var moments = adapter.Trained.Select(parameter => (model.Device.Zeros(parameter.Value.Shape), model.Device.Zeros(parameter.Value.Shape))).ToList();
        for (int step = 1; step <= steps; step++)
        {
            using var scope = TensorScope.Begin();
            var context = ForwardContext.Sequences([Tokens.Length], training: true, seed: (ulong)step, recompute: false);
            var loss = model.Loss(model.Forward(Tokens, context), [.. Tokens.Skip(1), -100], 1f / (Tokens.Length - 1));
            loss.Backward();
            losses.Add(loss.Item());
            for (int i = 0; i < moments.Count; i++)
            {
                var tensor = adapter.Trained[i].Value;
                model.Device.AdamW(tensor, tensor.Gradient!, moments[i].Item1, moments[i].Item2, new AdamWOptions { LearningRate = 1e-2 }, step);
                tensor.ZeroGradient();
            }
        }
        return losses;
    }

    private static byte[] Bytes(Tensor tensor) => tensor.Storage.Bytes(0, checked((int)tensor.Storage.Length)).ToArray();

    /// <summary>Equality of every bit, except that full fine-tuning computes over f32 copies of half-precision weights.</summary>
    private sealed class SameWhereExact(string type) : IEqualityComparer<float>
    {
        private readonly float tolerance = type is "f16" or "bf16" ? Tolerances.Logits : 0;

        public bool Equals(float a, float b) => a == b || Math.Abs(a - b) <= tolerance;

        public int GetHashCode(float number) => 0;
    }
}
