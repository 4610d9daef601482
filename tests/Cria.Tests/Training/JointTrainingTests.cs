using Cria.Checkpoints;
using Cria.Data;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Tests.Training;

/// <summary>LLaMA-Adapter V2's joint training: batches with images move the image's tensors, the others those of the text.</summary>
public sealed class JointTrainingTests : IDisposable
{
    private readonly TrainingFixture fixture = new();

    public JointTrainingTests()
    {
        using var device = new CpuBackend(1);
        Safetensors.Write(Path.Combine(fixture.Folder, "cat.safetensors"), [KeyValuePair.Create("features", device.Normal(new Shape(4, 8), 1, seed: 9))]);
        fixture.Show(24, (i, _) => i % 2 == 0 ? "cat.jpg" : null);
    }

    private static LlamaAdapterV2Options Method => new() { PromptLength = 3, Layers = 2, VisualLayers = 1, VisualLength = 4, VisionDim = 8, Joint = true };

    public void Dispose() => fixture.Dispose();

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_batch_moves_the_tensors_of_its_kind_and_no_bit_of_the_others(bool packing)
    {
        var (model, source) = fixture.Model();
        var adapter = Method.Attach(model, seed: 1);
        using var data = fixture.Data(packing);
        using var trainer = new Trainer(model, source, adapter, data, TrainingFixture.Options with { Steps = 8, BatchSize = packing ? 1 : 4, MicroBatchSize = 1, WarmupSteps = 0, WeightDecay = 0.1 }, RunFolder.Create(Path.Combine(fixture.Folder, "run")));

        var kinds = new List<bool>();
        var before = Numbers(adapter);
        await foreach (var step in trainer.RunAsync(TestContext.Current.CancellationToken))
        {
            var after = Numbers(adapter);
            var moved = adapter.Trained.Where((_, i) => !before[i].AsSpan().SequenceEqual(after[i])).Select(parameter => Method.Moves(parameter, showsImages: true)).Distinct().ToList();
            kinds.Add(Assert.Single(moved));
            before = after;
        }

        Assert.Equal([false, true], kinds.Distinct().Order());
    }

    [Fact]
    public async Task Every_tensor_of_both_groups_moves_in_the_end_and_both_losses_fall()
    {
        var (model, source) = fixture.Model();
        var adapter = Method.Attach(model, seed: 1);
        var fresh = Numbers(adapter);
        using var data = fixture.Data();
        using var trainer = new Trainer(model, source, adapter, data, TrainingFixture.Options with { Steps = 24 }, RunFolder.Create(Path.Combine(fixture.Folder, "run")));

        var steps = await TrainingFixture.Run(trainer);

        Assert.All(adapter.Trained.Zip(fresh), pair => Assert.NotEqual(pair.Second, pair.First.Value.Floats().ToArray()));
        Assert.True(steps.TakeLast(6).Average(step => step.Loss) < steps.Take(6).Average(step => step.Loss));
    }

    [Fact]
    public async Task A_killed_run_goes_on_bit_for_bit()
    {
        await TrainingFixture.Run(fixture.Trainer("whole", method: Method, data: fixture.Data()));

        await foreach (var step in fixture.Trainer("killed", method: Method, data: fixture.Data()).RunAsync(TestContext.Current.CancellationToken))
        {
            if (step.Step == 3)
                break;
        }
        await TrainingFixture.Run(fixture.Trainer("killed", method: Method, data: fixture.Data(), resume: true));

        Assert.Equal(fixture.Bytes("whole"), fixture.Bytes("killed"));
        Assert.Equal(fixture.Log("whole"), fixture.Log("killed"));
    }

    [Fact]
    public void What_was_saved_sees_images_as_before_when_loaded()
    {
        using var folder = TestData.Folder();
        var (model, _) = fixture.Model();
        var adapter = Method.Attach(model, seed: 1);
        using var off = Gradients.Off();
        float[] fresh = Hidden(model);
        foreach (var parameter in adapter.Trained.Where(parameter => parameter.Name.EndsWith("gate", StringComparison.Ordinal)))
            parameter.Value.Floats().Fill(0.3f);
        float[] open = Hidden(model), alone = Hidden(model, image: false);
        HuggingFaceAdapter.Save(adapter, folder.Path, "base");
        adapter.Detach();
        float[] plain = Hidden(model);

        var loaded = HuggingFaceAdapter.Load(model, folder.Path);

        Assert.Equal(plain, fresh);
        Assert.NotEqual(plain, open);
        Assert.NotEqual(alone, open);
        Assert.Equal(open, Hidden(model));
        var (saved, read) = (Method, (LlamaAdapterV2Options)loaded.Options);
        Assert.Equal((saved.VisualLayers, saved.VisualLength, saved.VisionDim, saved.Joint), (read.VisualLayers, read.VisualLength, read.VisionDim, read.Joint));
        Assert.Equal(saved.ImageTrains, read.ImageTrains);
        Assert.Equal(saved.TextTrains, read.TextTrains);
    }

    [Fact]
    public void Groups_that_overlap_or_leave_a_tensor_out_are_refused()
    {
        var problems = new Problems();

        (Method with { ImageTrains = ["visual_gate", "norm", "prompts"], TextTrains = ["norm", "bias", "scale", "prompt"] }).Validate(problems);

        Assert.Equal(
        [
            "image_trains: 'prompts' is not one of visual_projection, visual_gate, prompt, gate, norm, bias, scale, lora. Did you mean 'prompt'?",
            "image_trains, text_trains: norm is in both; the groups of joint training must not overlap.",
            "joint: gate is neither in image_trains nor in text_trains, and would never move.",
            "joint: visual_projection is neither in image_trains nor in text_trains, and would never move.",
        ], problems.Found);
    }

    [Fact]
    public void Without_images_there_is_nothing_to_train_jointly()
    {
        fixture.Show(24, (_, _) => null);
        File.WriteAllLines(fixture.Records, File.ReadAllLines(fixture.Records).Select(line => line.Replace(",\"image\":\"cat.jpg\"", "", StringComparison.Ordinal)).ToList());

        var error = Assert.Throws<OptionsException>(() => fixture.Trainer("run", method: Method, data: fixture.Data()));

        Assert.Equal("joint: no record shows an image, so the image's tensors would never move.", error.Message);
    }

    [Fact]
    public void No_layer_has_both_a_prompt_and_an_image()
    {
        var error = Assert.Throws<OptionsException>(() => (Method with { Layers = 3 }).Attach(fixture.Model().Model, seed: 1));

        Assert.Equal("layers, visual_layers: 3 topmost layers with a prompt and 1 first layers with an image overlap in a model of 3.", error.Message);
    }

    private static float[] Hidden(LlamaModel model, bool image = true)
    {
        using var scope = TensorScope.Begin();
        var shown = image ? model.Device.Normal(new Shape(4, 8), 1, seed: 9) : null;
        return model.Forward([1, 2, 3, 4, 5, 6], ForwardContext.Sequences(3, 3).With([shown, null])).Floats().ToArray();
    }

    private static List<float[]> Numbers(Adapter adapter) => [.. adapter.Trained.Select(parameter => parameter.Value.Floats().ToArray())];
}
