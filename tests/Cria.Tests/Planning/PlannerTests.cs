using Cria.Models;
using Cria.Peft;
using Cria.Planning;
using Cria.Tensors;
using Cria.Tests.Peft;
using Cria.Training;

namespace Cria.Tests.Planning;

public class PlannerTests
{
    private static readonly Targets AllLinear = new(Targets.AllLinear), QueryAndValue = new(["q_proj", "v_proj"]);

    /// <summary>The counts that the papers and their released files give.</summary>
    public static TheoryData<string, PeftOptions, long> Published => new()
    {
        { "llama-1-7b", new LlamaAdapterOptions { PromptLength = 10, Layers = 30 }, 1_229_760 },
        { "llama-1-7b", new LlamaAdapterOptions(), 1_229_760 },
        { "llama-1-65b", new LlamaAdapterV2Options { Preset = "chat" }, 13_811_712 },
        { "llama-1-13b", new LlamaAdapterV2Options { Preset = "chat" }, 4_326_400 },
        { "llama-1-7b", new LlamaAdapterV2Options { Preset = "chat" }, 2_764_800 },
        { "llama-1-65b", new LlamaAdapterV2Options { PromptLength = 0 }, 14_917_632 },
        { "llama-1-7b", new LlamaAdapterV2Options { Preset = "multi-modal", PromptLength = 0 }, 1_363_968 },
        { "llama-1-7b", new LlamaAdapterV2Options { Preset = "multi-modal", PromptLength = 0, LoraRank = 16 }, 1_363_968 + 39_976_960 },
        { "llama-1-7b", new ExcitorOptions(), 7_619_520 },
        { "llama-1-7b", new LoraOptions { Rank = 8, Targets = QueryAndValue }, 4_194_304 },
        { "llama-1-7b", new LoraOptions { Rank = 64, Targets = AllLinear }, 159_907_840 },
        { "llama-3-8b", new LoraOptions { Rank = 16, Targets = AllLinear }, 41_943_040 },
        { "llama-3-70b", new LoraOptions { Rank = 16, Targets = AllLinear }, 207_093_760 },
        { "llama-3.1-405b", new FullOptions(), 405_853_388_800 },
        { "llama-3.2-1b", new FullOptions(), 1_235_814_400 },
        { "code-llama-7b", new FullOptions(), 6_738_546_688 },
        { "code-llama-34b", new FullOptions(), 33_743_970_304 },
    };

    [Theory, MemberData(nameof(Published))]
    public void Published_counts_hold(string shape, PeftOptions method, long count)
    {
        Assert.Equal(count, Plan(NamedShapes.All[shape], method, length: 4).TrainedCount);
    }

    [Fact]
    public void NF4_with_double_quantisation_takes_4_127_bits_a_parameter()
    {
        var config = NamedShapes.All["llama-2-7b"];
        long linear = config.ParameterCount - (2L * config.VocabularySize + 2 * config.Layers + 1) * config.HiddenSize;
        long rest = DataType.BF16.Bytes(config.ParameterCount - linear);

        // In memory each group of 256 blocks has the mean beside it, which the paper counts once for a tensor.
        const double repeatedMean = 32.0 / (256 * 64);
        Assert.Equal(4.127, 8.0 * (WeightBytes.Of(config, DataType.NF4DQ) - rest) / linear - repeatedMean, 3);
        Assert.Equal(4.5, 8.0 * (WeightBytes.Of(config, DataType.NF4) - rest) / linear, 3);
    }

    [Fact]
    public void Every_method_of_the_catalogue_has_a_preset()
    {
        Assert.Empty(PeftOptions.Methods.Except(MethodPreset.All().Select(preset => preset.Options.Method)));
    }

    public static TheoryData<string> Presets => [.. MethodPreset.All().Select(preset => preset.Name)];

    [Theory, MemberData(nameof(Presets))]
    public void A_plan_counts_what_attaching_trains_and_the_bytes_of_its_file(string preset)
    {
        using var device = new CpuBackend(1);
        using var folder = TestData.Folder();
        var options = MethodPreset.All().Single(one => one.Name == preset).Options;
        if (options is LoraOptions { Rank: > 32 } lora)
            lora.Rank = 32;                     // the small model's keys have no more
        var planned = Plan(SmallModel.Shape, options, length: 24);

        var adapter = options.Attach(SmallModel.Make(device), seed: 1);

        Assert.Equal(adapter.TrainedCount, planned.TrainedCount);
        if (options is FullOptions)
            return;
        HuggingFaceAdapter.Save(adapter, folder.Path, "base");
        Assert.Equal(new FileInfo(folder.File(HuggingFaceAdapter.WeightsFile)).Length, planned.FileBytes);
    }

    public static TheoryData<string, bool> PresetsBothWays => [.. from preset in MethodPreset.All() from recompute in new[] { false, true } select (preset.Name, recompute)];

    [Theory, MemberData(nameof(PresetsBothWays))]
    public void Memory_is_what_training_takes(string preset, bool recompute)
    {
        var options = MethodPreset.All().Single(one => one.Name == preset).Options;
        var planned = Plan(Measured.Shape, options, Measured.Length);

        long most = Measured.MostBytes(Measured.Shape, options, recompute);

        Assert.InRange(most / (double)planned.BytesBesideBase(recompute), 1 - Tolerances.PlannedMemory, 1 + Tolerances.PlannedMemory);
    }

    public static TheoryData<string, bool> LargerPresets => [.. from preset in new[] { "lora", "llama-adapter", "full" } from recompute in new[] { false, true } select (preset, recompute)];

    /// <summary>Takes minutes and 3 GB: <c>Cria.Tests --explicit only --filter-class "*PlannerTests"</c>.</summary>
    [Theory(Explicit = true), MemberData(nameof(LargerPresets))]
    public void Memory_is_what_training_a_hundred_million_parameters_takes(string preset, bool recompute)
    {
        const int Length = 256;
        var options = MethodPreset.All().Single(one => one.Name == preset).Options;
        var planned = Plan(NamedShapes.All["llama-110m"], options, Length);

        long most = Measured.MostBytes(NamedShapes.All["llama-110m"], options, recompute, Length);

        TestContext.Current.TestOutputHelper?.WriteLine($"{preset}, recompute {recompute}: planned {planned.BytesBesideBase(recompute):N0}, measured {most:N0} bytes");
        Assert.InRange(most / (double)planned.BytesBesideBase(recompute), 1 - Tolerances.PlannedMemory, 1 + Tolerances.PlannedMemory);
    }

    [Theory, InlineData("adamw-8bit"), InlineData("adamw-paged")]
    public void Memory_follows_the_optimizer(string optimizer)
    {
        var planned = Plan(Measured.Shape, new LoraOptions(), Measured.Length, optimizer);

        long most = Measured.MostBytes(Measured.Shape, new LoraOptions(), recompute: true, Measured.Length, optimizer);

        Assert.True(planned.StateBytes < Plan(Measured.Shape, new LoraOptions(), Measured.Length).StateBytes);
        Assert.InRange(most / (double)planned.BytesBesideBase(recompute: true), 1 - Tolerances.PlannedMemory, 1 + Tolerances.PlannedMemory);
    }

    [Theory]
    [InlineData("llama-4-scout", 107_769_861_120, 17_172_894_720)]
    [InlineData("llama-4-maverick", 400_711_848_960, 17_184_691_200)]
    [InlineData("llama-3.2-11b-vision", 10_670_220_835, 10_670_220_835)]
    [InlineData("llama-3.2-90b-vision", 88_593_355_323, 88_593_355_323)]
    public void Models_that_are_more_than_a_dense_decoder_are_counted(string name, long all, long active)
    {
        var shape = NamedShapes.Counted[name];

        Assert.Equal((all, active), (shape.ParameterCount, shape.ActiveParameterCount));
        Assert.InRange(shape.WeightBytes(DataType.BF16), 2 * all, 2 * all);
    }

    private static MethodPlan Plan(LlamaConfig config, PeftOptions method, int length, string optimizer = "adamw") =>
        new Planner(config, new TrainingOptions { Optimizer = optimizer }).Plan(method, 1, length);
}
