using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.Peft;

/// <summary>Several adapters on one base: switched, scaled, combined; and what cannot stand beside what.</summary>
public sealed class CombinationTests : IDisposable
{
    private readonly CpuBackend device = new(threads: 2);
    private readonly LlamaModel model;

    public CombinationTests() => model = SmallModel.Make(device);

    public void Dispose() => device.Dispose();

    [Fact]
    public void Loras_side_by_side_do_what_they_do_together()
    {
        var first = Trained(new LoraOptions { Rank = 2, Targets = new Targets(["q_proj", "v_proj"]) }, seed: 1);
        var second = Trained(new LoraOptions { Rank = 4, Alpha = 4, Rslora = true, RankPattern = ["down_proj=3"] }, seed: 2);
        (first.Scale, second.Scale) = (0.5f, 0.25f);
        float[] together = SmallModel.Logits(model);

        var combined = Combination.Concatenate(model, [first, second]);

        Near.Equal(together, SmallModel.Logits(model), Tolerances.Logits);
        Assert.Equal(6, combined.Trained.First(parameter => parameter.Name.EndsWith("q_proj.lora_A.weight", StringComparison.Ordinal)).Value.Shape[0]);
        Assert.Equal(3, combined.Trained.First(parameter => parameter.Name.EndsWith("down_proj.lora_A.weight", StringComparison.Ordinal)).Value.Shape[0]);
        using var folder = TestData.Folder();
        HuggingFaceAdapter.Save(combined, folder.Path, "base");
        combined.Detach();
        HuggingFaceAdapter.Load(model, folder.Path);
        Near.Equal(together, SmallModel.Logits(model), Tolerances.Logits);
    }

    public static TheoryData<PeftOptions> OfAnyMethod =>
    [
        new LoraOptions { Rank = 2 }, new LlamaAdapterOptions { PromptLength = 3 }, new LlamaAdapterV2Options { PromptLength = 3 },
        new ExcitorOptions { PromptLength = 3, Rank = 2 }, new NormsOptions(), new BiasOptions(),
    ];

    [Theory, MemberData(nameof(OfAnyMethod))]
    public void A_weighted_mean_of_one_with_itself_is_itself(PeftOptions options)
    {
        var first = Trained(options, seed: 1);
        float[] alone = SmallModel.Logits(model);
        using var folder = TestData.Folder();
        HuggingFaceAdapter.Save(first, folder.Path, "base");
        first.Detach();
        Adapter[] same = options is NormsOptions or LlamaAdapterV2Options ? [HuggingFaceAdapter.Load(model, folder.Path)] : [HuggingFaceAdapter.Load(model, folder.Path), HuggingFaceAdapter.Load(model, folder.Path)];
        foreach (var adapter in same)
            adapter.Scale = options is LoraOptions ? 1f / (same.Length * same.Length) : 1f / same.Length;       // the roots of LoRA's weights add up to 1

        Combination.Linear(model, same);

        Near.Equal(alone, SmallModel.Logits(model), Tolerances.Logits);
    }

    [Fact]
    public void The_mean_of_loras_is_that_of_peft()
    {
        var (first, second) = (Trained(new LoraOptions { Rank = 2 }, seed: 1), Trained(new LoraOptions { Rank = 2 }, seed: 2));
        (first.Scale, second.Scale) = (0.7f, 0.2f);
        float[] expected = [.. first.Trained[0].Value.Floats().ToArray().Zip(second.Trained[0].Value.Floats().ToArray(), (a, b) => MathF.Sqrt(0.7f) * a + MathF.Sqrt(0.2f) * b)];

        var combined = Combination.Linear(model, [first, second]);

        Near.Equal(expected, combined.Trained[0].Value.Floats(), 1e-6f);
        Assert.Equal(first.Options, combined.Options);
    }

    [Fact]
    public void What_does_not_go_together_says_why()
    {
        var lora = Trained(new LoraOptions { Rank = 2 }, seed: 1);
        var other = Trained(new LoraOptions { Rank = 4, Alpha = 64 }, seed: 1);
        var prompts = Trained(new LlamaAdapterOptions { PromptLength = 3 }, seed: 1);
        (lora.Scale, prompts.Scale) = (-1, 0.4f);

        Assert.Equal(
            """
            linear: the adapters differ in model.layers.0.self_attn.q_proj.lora_A.weight: [2, 64] and [4, 64].
            linear: the weights of LoRAs must be positive, since their roots go to A and B.
            """, Assert.Throws<OptionsException>(() => Combination.Linear(model, [lora, other])).Message);
        Assert.Contains("linear: the adapters are of two methods, lora and llama-adapter.", Assert.Throws<OptionsException>(() => Combination.Linear(model, [lora, prompts])).Message);
        Assert.Equal("linear: the weights must add up to 1, and add up to 0.4.", Assert.Throws<OptionsException>(() => Combination.Linear(model, [prompts])).Message);
        Assert.Equal("concatenate: only LoRAs of factors A and B can stand side by side; llama-adapter has none.", Assert.Throws<OptionsException>(() => Combination.Concatenate(model, [lora, prompts])).Message);
    }

    [Fact]
    public void Different_kinds_on_one_base_are_switched_and_scaled_apart()
    {
        float[] plain = SmallModel.Logits(model);
        var adapters = new PeftOptions[] { new LoraOptions { Rank = 2 }, new LlamaAdapterOptions { PromptLength = 3 }, new ExcitorOptions { PromptLength = 3, Rank = 2 }, new BiasOptions(), new NormsOptions() }
            .Select((options, i) => Trained(options, (ulong)i)).ToList();
        float[] all = SmallModel.Logits(model);

        foreach (var adapter in adapters)
        {
            adapter.Enabled = false;
            Assert.NotEqual(all, SmallModel.Logits(model));
            adapter.Enabled = true;
            Assert.Equal(all, SmallModel.Logits(model));
            adapter.Scale = 0.5f;
            Assert.NotEqual(all, SmallModel.Logits(model));
            adapter.Scale = 1;
            Assert.Equal(all, SmallModel.Logits(model));
        }
        foreach (var adapter in adapters)
            adapter.Enabled = false;
        Assert.Equal(plain, SmallModel.Logits(model));
        foreach (int i in new[] { 2, 0, 4, 1, 3 })
            adapters[i].Detach();
        Assert.Equal(plain, SmallModel.Logits(model));
    }

    public static TheoryData<PeftOptions, PeftOptions, string> Rivals => new()
    {
        { new NormsOptions(), new NormsOptions(), "norms: model.layers.0.input_layernorm.weight belongs to another adapter of this model already (norms): detach that one first." },
        { new LlamaAdapterV2Options { PromptLength = 3 }, new NormsOptions(), "norms: model.layers.0.input_layernorm.weight belongs to another adapter of this model already (llama-adapter-v2): detach that one first." },
        { new LoraOptions { Rank = 2, TrainableTokens = [3, 5] }, new LoraOptions { Rank = 2, TrainableTokens = [5] }, "trainable_tokens: the row of token 5 belongs to another adapter of this model already: detach that one first." },
        { new LoraOptions { Rank = 2 }, new FullOptions(), "full: model.layers.0.self_attn.q_proj carries an adapter already: detach it first, or merge it." },
        { new LoraOptions { Rank = 2 }, new LoraOptions { Rank = 2, Dora = true }, "dora: model.layers.0.self_attn.q_proj carries another adapter already, and the size of a row is that of the base's weight: detach the other first." },
        { new LoraOptions { Rank = 2 }, new LoraOptions { Rank = 2, Init = "pissa" }, "init: pissa changes the base's weight, and model.layers.0.self_attn.q_proj carries another adapter already: detach it first." },
    };

    [Theory, MemberData(nameof(Rivals))]
    public void Two_that_claim_one_place_are_refused_and_the_first_stays_as_it_was(PeftOptions first, PeftOptions second, string message)
    {
        var adapter = Trained(first, seed: 1);
        float[] before = SmallModel.Logits(model);

        var error = Assert.Throws<OptionsException>(() => second.Attach(model, seed: 2));

        Assert.Equal(message, error.Message);
        Assert.Equal(before, SmallModel.Logits(model));
        adapter.Detach();
        second.Attach(model, seed: 2).Detach();
    }

    private Adapter Trained(PeftOptions options, ulong seed)
    {
        var adapter = options.Attach(model, seed);
        foreach (var (parameter, i) in adapter.Trained.Select((parameter, i) => (parameter, i)))
        {
            using var scope = TensorScope.Begin();
            var noise = device.Normal(parameter.Value.Shape, 0.05f, RandomSource.Mix(seed, 100 + (ulong)i));
            for (int n = 0; n < noise.Floats().Length; n++)
                parameter.Value.Floats()[n] += noise.Floats()[n];
        }
        return adapter;
    }
}
