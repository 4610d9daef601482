using System.Text.Json;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.Peft;

/// <summary>What every fine-tuning method must keep, over every storage type of the base. A new method adds one line to <see cref="Methods"/>.</summary>
public class PeftTests
{
    private static int[] Tokens => SmallModel.Tokens;

    public static IReadOnlyList<PeftOptions> Methods =>
    [
        new LoraOptions { Rank = 2, Targets = new Targets(["q_proj", "v_proj", "gate_proj"]) },
        new LoraOptions { Rank = 4, Dropout = 0.1f },
        new LoraOptions { Rank = 4, Rslora = true },
        new LoraOptions { Rank = 2, Dora = true },
        new LoraOptions { Rank = 2, Dora = true, Dropout = 0.1f },
        new LoraOptions
        {
            Rank = 4, Init = "gaussian", Exclude = ["o_proj"], Layers = [1], RankPattern = [@".*\.mlp\.\w+=2"], AlphaPattern = ["q_proj=8"],
            TrainableTokens = [3, 31], ModulesToSave = ["norm", "lm_head"],
        },
        new LoraOptions { Rank = 2, Targets = new Targets(["v_proj", "embed_tokens"]), LoraBias = true },
        new LlamaAdapterOptions { PromptLength = 3 },
        new LlamaAdapterOptions { PromptLength = 3, Layers = 2, Gate = "single", GateActivation = "identity" },
        new LlamaAdapterV2Options { PromptLength = 3 },
        new LlamaAdapterV2Options { Preset = "chat" },
        new LlamaAdapterV2Options { Preset = "multi-modal", PromptLength = 3, LoraRank = 2 },
        new ExcitorOptions { PromptLength = 5, Rank = 2 },
        new ExcitorOptions { PromptLength = 5, Rank = 2, Layers = 2, Gate = "single", GateActivation = "tanh", Softmax = "whole", SoftmaxScale = "none", RopeOnExtra = true },
        new NormsOptions(),
        new BiasOptions(),
        new FullOptions(),
    ];

    /// <summary>Starts that are not zero: the output begins where it was but for rounding, which <see cref="LoraInitializationTests"/> measures.</summary>
    private static readonly PeftOptions[] Starts =
    [
        new LoraOptions { Rank = 4, Init = "orthogonal" }, new LoraOptions { Rank = 2, Init = "pissa" }, new LoraOptions { Rank = 2, Init = "olora" }, new LoraOptions { Rank = 2, Init = "loftq" },
    ];

    private static IReadOnlyList<PeftOptions> All => [.. Methods, .. Starts];

    /// <summary>Each method by its number, over each type; full fine-tuning only over floats, since it leaves no base in blocks.</summary>
    public static TheoryData<int, string> MethodsAndTypes => Over(Methods);

    /// <summary>The same with <see cref="Starts"/>, which but for one change the base, and so need it as floats.</summary>
    public static TheoryData<int, string> AllAndTypes => Over(All);

    /// <summary>The methods that have the form of an adapter, over each type.</summary>
    public static TheoryData<int, string> SavedMethodsAndTypes => new(Over(Methods).Where(row => Methods[row.Data.Item1] is not FullOptions));

    private static TheoryData<int, string> Over(IReadOnlyList<PeftOptions> methods) => new(
        from method in Enumerable.Range(0, methods.Count)
        from type in DataType.All
        where type.IsFloat || methods[method] is not (FullOptions or LoraOptions { Init: "pissa" or "olora" or "loftq" })
        select (method, type.Name));

    [Theory, MemberData(nameof(MethodsAndTypes))]
    public void A_fresh_adapter_changes_no_bit(int method, string type)
    {
        using var device = TestBackend.Make();
        using var off = Gradients.Off();
        var model = Model(device, type);
        float[] plain = Forward(model);

        Methods[method].Attach(model, seed: 5);

        Assert.Equal(plain, Forward(model), new SameWhereExact(type));
    }

    [Theory, MemberData(nameof(AllAndTypes))]
    public void Steps_move_every_trained_tensor_and_no_other_and_lower_the_loss(int method, string type)
    {
        using var device = TestBackend.Make();
        var model = Model(device, type);
        var frozen = model.Parameters.Select(parameter => (Parameter: parameter, parameter.Value, Bytes: Bytes(parameter.Value))).ToList();
        var adapter = All[method].Attach(model, seed: 5);
        var before = adapter.Trained.ToDictionary(parameter => parameter.Name, parameter => parameter.Value.ToArray());
        using (Gradients.Off())
            Forward(model);                     // a validation pass comes first, as in a real run: nothing may remember it

        var losses = Train(model, adapter, steps: 10);

        Assert.All(adapter.Trained, parameter => Assert.NotEqual(before[parameter.Name], parameter.Value.ToArray()));
        Assert.True(losses[^1] < losses[0], $"from {losses[0]} to {losses[^1]}");
        adapter.Detach();
        Assert.All(frozen, one => Assert.Equal(one.Bytes, Bytes(one.Parameter.Value)));
        Assert.All(frozen, one => Assert.Same(one.Value, one.Parameter.Value));
    }

    [Theory, MemberData(nameof(AllAndTypes))]
    public void The_same_seed_gives_the_same_bits_on_any_number_of_threads(int method, string type)
    {
        float[][] Run(int threads)
        {
            using var device = TestBackend.Make(threads);
            var model = Model(device, type);
            var adapter = All[method].Attach(model, seed: 5);
            Train(model, adapter, steps: 3);
            return [.. adapter.Trained.Select(parameter => parameter.Value.ToArray())];
        }

        Assert.Equal(Run(1), Run(3));
    }

    [Theory, MemberData(nameof(AllAndTypes))]
    public void Decoding_over_a_cache_equals_one_pass_over_the_whole(int method, string type)
    {
        using var device = TestBackend.Make();
        var model = Model(device, type);
        var adapter = All[method].Attach(model, seed: 5);
        Train(model, adapter, steps: 2);
        using var off = Gradients.Off();
        float[] whole = Forward(model);

        using var cache = new KeyValueCache(model, 1, Tokens.Length);
        var pieces = new List<float>();
        for (int start = 0; start < Tokens.Length; start += start == 0 ? 11 : 1)
        {
            using var scope = TensorScope.Begin();
            int[] piece = start == 0 ? Tokens[..11] : [Tokens[start]];
            pieces.AddRange(model.Logits(model.Forward(piece, cache.Continue((0, piece.Length)))).ToArray());
        }

        Near.Equal(whole, [.. pieces], Tolerances.CachedLogits);
    }

    [Theory, MemberData(nameof(SavedMethodsAndTypes))]
    public void What_was_saved_gives_the_same_outputs_when_loaded(int method, string type)
    {
        using var device = TestBackend.Make();
        using var folder = TestData.Folder();
        var model = Model(device, type);
        var adapter = Methods[method].Attach(model, seed: 5);
        Train(model, adapter, steps: 2);
        using var off = Gradients.Off();
        float[] trained = Forward(model);
        HuggingFaceAdapter.Save(adapter, folder.Path, "random");
        adapter.Detach();

        HuggingFaceAdapter.Load(model, folder.Path);

        Assert.Equal(trained, Forward(model));
    }

    [Theory, MemberData(nameof(SavedMethods))]
    public void An_adapter_can_be_weighed_down_to_nothing(int method)
    {
        using var device = TestBackend.Make();
        var model = Model(device, "f32");
        float[] plain = Forward(model);
        var adapter = Methods[method].Attach(model, seed: 5);
        Train(model, adapter, steps: 5);

        float[] all = Forward(model);
        adapter.Scale = 0.5f;
        float[] half = Forward(model);
        adapter.Scale = 0;
        float[] none = Forward(model);

        Assert.NotEqual(plain, half);
        Assert.NotEqual(all, half);
        Near.Equal(plain, none, Tolerances.Logits);
        adapter.Enabled = false;
        Assert.Equal(plain, Forward(model));
    }

    [Theory, MemberData(nameof(SavedMethods))]
    public void A_merge_changes_no_output_and_can_be_taken_back_or_says_why_it_cannot_be(int method)
    {
        using var device = TestBackend.Make();
        var model = Model(device, "f32");
        float[] plain = Forward(model);
        var adapter = Methods[method].Attach(model, seed: 5);
        Train(model, adapter, steps: 5);
        float[] trained = Forward(model);

        if (Methods[method].Unmergeable is { } reason)
        {
            var error = Assert.Throws<OptionsException>(() => adapter.Merge(model));
            Assert.Equal($"merge: {reason}", error.Message);
            Assert.Equal(trained, Forward(model));
            return;
        }
        var merge = adapter.Merge(model);

        Near.Equal(trained, Forward(model), Tolerances.Logits);
        merge.Undo();
        Assert.Equal(trained, Forward(model));
        adapter.Detach();
        Assert.Equal(plain, Forward(model));
    }

    [Fact]
    public void A_setting_left_out_keeps_its_default()
    {
        var options = JsonSerializer.Deserialize("""{ "method": "lora", "rank": 8 }""", PeftJson.Default.PeftOptions);

        Assert.Equal(32, Assert.IsType<LoraOptions>(options).Alpha);
        Assert.Equal(8, ((LoraOptions)options).Rank);
    }

    /// <summary>The methods that have the form of an adapter: full fine-tuning leaves a whole model.</summary>
    public static TheoryData<int> SavedMethods => [.. Enumerable.Range(0, Methods.Count).Where(method => Methods[method] is not FullOptions)];

    private static LlamaModel Model(Backend device, string type) => SmallModel.Make(device, type);

    private static float[] Forward(LlamaModel model) => SmallModel.Logits(model);

    private static List<float> Train(LlamaModel model, Adapter adapter, int steps) => SmallModel.Train(model, adapter, steps);

    private static byte[] Bytes(Tensor tensor) => tensor.OnHost().Bytes(0, checked((int)tensor.Storage.Length)).ToArray();

    /// <summary>Equality of every bit, except that full fine-tuning computes over f32 copies of half-precision weights.</summary>
    private sealed class SameWhereExact(string type) : IEqualityComparer<float>
    {
        private readonly float tolerance = type is "f16" or "bf16" ? Tolerances.Logits : 0;

        public bool Equals(float a, float b) => a == b || Math.Abs(a - b) <= tolerance;

        public int GetHashCode(float number) => 0;
    }
}
