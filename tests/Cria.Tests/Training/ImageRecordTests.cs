using Cria.Checkpoints;
using Cria.Data;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tokenizers;

namespace Cria.Tests.Training;

/// <summary>Records that show images: their features stand beside them, and must be what the adapter reads.</summary>
public sealed class ImageRecordTests : IDisposable
{
    private readonly TrainingFixture fixture = new();
    private readonly CpuBackend device = new(1);

    public void Dispose()
    {
        fixture.Dispose();
        device.Dispose();
    }

    [Theory]
    [InlineData("cat.jpg", "cat.safetensors", null)]
    [InlineData("pictures/cat.safetensors", "pictures/cat.safetensors", null)]
    [InlineData("cats.safetensors#tabby.1", "cats.safetensors", "tabby.1")]
    public void A_record_names_a_picture_or_the_features(string typed, string file, string? tensor)
    {
        var image = RecordImage.Parse(typed, "data");

        Assert.Equal(new RecordImage(Path.Combine("data", file), tensor), image);
    }

    [Fact]
    public void What_a_record_shows_outlives_the_store_and_is_never_packed_with_what_shows_nothing()
    {
        Features("cat.safetensors", 1, 64);
        Records(24, (i, _) => i % 3 == 0 ? "cat.jpg" : null);

        using var data = fixture.Data(packing: true);

        Assert.Equal(8, data.Train.SelectMany(sequence => sequence.Examples).Count(example => example.Image is not null));
        Assert.All(data.Train, sequence => Assert.Single(sequence.Examples.Select(example => example.Image).Distinct()));
        Assert.Equal(Path.Combine(fixture.Folder, "cat.safetensors"), data.Train.SelectMany(sequence => sequence.Examples).First(example => example.Image is not null).Image!.File);
        Assert.Contains(data.Train, sequence => sequence.Examples.Count > 1);
    }

    [Fact]
    public async Task An_image_changes_what_is_learned()
    {
        Features("cat.safetensors", 1, 64);
        var with = await TrainingFixture.Run(fixture.Trainer("text", method: new LlamaAdapterOptions { PromptLength = 3 }));
        Records(24, (_, _) => "cat.jpg");

        var shown = await TrainingFixture.Run(fixture.Trainer("shown", method: new LlamaAdapterOptions { PromptLength = 3 }));

        Assert.NotEqual(with[^1].Loss, shown[^1].Loss);
    }

    [Theory]
    [InlineData(2, 64, "expected 1 or 3 rows of 64 numbers, from prompt_length 3 (or one for all its rows) and hidden_size 64; found [2, 64].")]
    [InlineData(1, 63, "expected 1 or 3 rows of 64 numbers, from prompt_length 3 (or one for all its rows) and hidden_size 64; found [1, 63].")]
    public void Features_of_another_shape_are_refused_by_record_before_the_first_step(int rows, int columns, string reason)
    {
        Features("cat.safetensors", rows, columns);
        Records(24, (i, _) => i == 6 ? "cat.jpg" : null);

        var error = Assert.Throws<DataException>(() => fixture.Trainer("run", method: new LlamaAdapterOptions { PromptLength = 3 }));

        Assert.Equal($"{fixture.Records}, line 7: the features of its image, {Path.Combine(fixture.Folder, "cat.safetensors")}, do not fit: {reason}", error.Message);
    }

    [Fact]
    public void The_tokens_of_an_excitor_must_be_as_wide_as_it_says()
    {
        Features("cat.safetensors", 5, 16);
        Records(24, (_, _) => "cat.jpg");

        var error = Assert.Throws<DataException>(() => fixture.Trainer("run", method: new ExcitorOptions { PromptLength = 3, Rank = 2, VisionDim = 24 }));

        Assert.EndsWith("do not fit: expected any number of rows of 24 numbers, from vision_dim 24; found [5, 16].", error.Message);
    }

    [Fact]
    public void A_method_that_reads_no_images_is_not_given_any()
    {
        Features("cat.safetensors", 1, 64);
        Records(24, (_, _) => "cat.jpg");

        var error = Assert.Throws<DataException>(() => fixture.Trainer("run", method: new LoraOptions { Rank = 2 }));

        Assert.Equal($"{fixture.Records}, line 1: it shows an image, and lora as it is set reads none. Leave the key 'image' out, or take a method that does: "
            + "llama-adapter, llama-adapter-v2, or excitor with vision_dim.", error.Message);
    }

    [Fact]
    public void An_image_without_features_is_a_bad_record()
    {
        Records(24, (i, _) => i == 2 ? "dog.jpg" : null);

        var error = Assert.Throws<DataException>(() => fixture.Data());

        Assert.Equal($"{fixture.Records}, line 3: the image 'dog.jpg' has no features: there is no file {Path.Combine(fixture.Folder, "dog.safetensors")}. "
            + "Images enter as features that an encoder made of them.", error.Message);
        Assert.Equal(DataFault.Image, error.Record!.Fault);
    }

    [Fact]
    public void Features_are_numbers_in_rows()
    {
        string path = Path.Combine(fixture.Folder, "cats.safetensors");
        Safetensors.Write(path, [KeyValuePair.Create("tabby", Zeros(2, 3, 4)), KeyValuePair.Create("black", Zeros(1, 3, 4)), KeyValuePair.Create("row", Zeros(4))]);

        Assert.Equal(new Shape(3, 4), ImageFeatures.Load(path, "black", device).Shape);
        Assert.Equal(new Shape(1, 4), ImageFeatures.Load(path, "row", device).Shape);
        Assert.Equal($"{path}: tensor 'tabby' does not hold the features of an image.\n  expected rows of numbers, (N, D)\n  found    [2, 3, 4]",
            Assert.Throws<CheckpointException>(() => ImageFeatures.Load(path, "tabby", device)).Message);
        Assert.Contains("holds no tensor 'features' with the features of an image.", Assert.Throws<CheckpointException>(() => ImageFeatures.Load(path, null, device)).Message);
    }

    private Tensor Zeros(params long[] axes) => device.Zeros(axes.Length switch { 1 => new Shape(axes[0]), 2 => new Shape(axes[0], axes[1]), _ => new Shape(axes[0], axes[1], axes[2]) });

    private void Features(string file, int rows, int columns) =>
        Safetensors.Write(Path.Combine(fixture.Folder, file), [KeyValuePair.Create("features", device.Normal(new Shape(rows, columns), 1, seed: 9))]);

    private void Records(int count, Func<int, string, string?> image) => fixture.Show(count, image);
}
