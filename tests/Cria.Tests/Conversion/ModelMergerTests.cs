using Cria.Checkpoints;
using Cria.Conversion;
using Cria.Models;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.Conversion;

public sealed class ModelMergerTests : IDisposable
{
    private static readonly int[] Ids = [.. Enumerable.Range(0, 24).Select(i => i * 37 % 320)];

    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("peft-lora-all", "merged")]
    [InlineData("peft-lora-all", "merged.gguf")]
    [InlineData("peft-rslora", "merged.gguf")]
    [InlineData("peft-dora", "merged")]
    public void What_is_written_answers_as_the_adapter_does(string adapter, string name)
    {
        string path = folder.File(name);

        var report = Merge(TestData.Fixture("golden/llama2-gqa"), path, adapter);

        Near.Equal(WithAdapter("llama2-gqa", adapter, 1), Answers.Logits(path, Ids), Tolerances.Logits);
        Assert.Equal(MergeTarget.Original, report.Onto);
        Assert.Null(report.PerplexityBefore);        // the tiny model has no tokenizer
    }

    [Fact]
    public void Several_adapters_are_folded_in_each_with_its_factor()
    {
        string path = folder.File("merged");
        ModelMerger.Merge(TestData.Fixture("golden/llama2-gqa"), path, new MergeOptions
        {
            Adapters = [(TestData.Fixture("golden/peft-lora-all"), 0.5f), (TestData.Fixture("golden/peft-lora-qv"), 2f)],
        }, TestContext.Current.CancellationToken);
        using var golden = new Golden("llama2-gqa");
        HuggingFaceAdapter.Load(golden.Model, TestData.Fixture("golden/peft-lora-all")).Scale = 0.5f;
        HuggingFaceAdapter.Load(golden.Model, TestData.Fixture("golden/peft-lora-qv")).Scale = 2;

        Near.Equal(Answers.Logits(golden.Model, Ids), Answers.Logits(path, Ids), Tolerances.Logits);
    }

    [Fact]
    public void Onto_dequantised_weights_the_adapter_stays_what_it_was_trained_to_be()
    {
        string adapter = TrainedAdapter(), dequantized = folder.File("dequantized"), original = folder.File("original");

        var right = Merge(CriaTiny.Name, dequantized, adapter, options => options with { BaseType = DataType.NF4 });
        var wrong = Merge(CriaTiny.Name, original, adapter, options => options with { BaseType = DataType.NF4, Onto = MergeTarget.Original });

        Assert.Equal((MergeTarget.Dequantized, MergeTarget.Original), (right.Onto, wrong.Onto));
        Assert.Equal(right.PerplexityBefore, wrong.PerplexityBefore);
        // Half precision on disk, and for the base 16-bit activations, are all that differs.
        Assert.InRange(right.PerplexityAfter!.Value / right.PerplexityBefore!.Value, 0.995, 1.005);
        Assert.True(Math.Abs(wrong.PerplexityAfter!.Value - wrong.PerplexityBefore!.Value) > Math.Abs(right.PerplexityAfter.Value - right.PerplexityBefore.Value));
    }

    [Fact]
    public void A_quantised_file_is_merged_into_its_own_weights_and_the_rest_stays_as_it_is()
    {
        string adapter = TrainedAdapter(), quantised = folder.File("q8.gguf"), path = folder.File("merged.gguf");
        ModelConverter.Convert(CriaTiny.Name, quantised, new ConversionOptions { Type = "q8_0" }, TestContext.Current.CancellationToken);

        var report = Merge(quantised, path, adapter);

        Assert.Equal(MergeTarget.Dequantized, report.Onto);
        Assert.InRange(report.PerplexityAfter!.Value / report.PerplexityBefore!.Value, 0.995, 1.005);
        using var before = GgufFile.Open(quantised);
        using var after = GgufFile.Open(path);
        var types = after.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.TypeName);
        Assert.Equal(("f16", "q8_0"), (types["blk.0.attn_q.weight"], types["blk.0.attn_k.weight"]));
        byte[] Bytes(GgufFile file) => file.Bytes(file.Tensors.Single(t => t.Name == "blk.0.attn_k.weight")) is var bytes ? bytes.Bytes(0, (int)bytes.Length).ToArray() : [];
        Assert.Equal(Bytes(before), Bytes(after));
    }

    [Fact]
    public void Where_only_the_embedding_of_a_tied_model_is_adapted_the_head_parts_from_it()
    {
        using var golden = new Golden("llama3.2-tied");
        string adapter = folder.File("adapter"), path = folder.File("merged.gguf");
        var options = new LoraOptions { Rank = 4, Targets = new Targets(["embed_tokens", "q_proj"]) };
        HuggingFaceAdapter.Save(Stirred.Adapter(options.Attach(golden.Model, seed: 1)), adapter, "");
        var expected = Answers.Logits(golden.Model, Ids);

        Merge(TestData.Fixture("golden/llama3.2-tied"), path, adapter);

        Near.Equal(expected, Answers.Logits(path, Ids), Tolerances.Logits);
    }

    [Fact]
    public void Original_weights_cannot_be_asked_of_a_quantised_file()
    {
        string quantised = folder.File("q8.gguf");
        ModelConverter.Convert(CriaTiny.Name, quantised, new ConversionOptions { Type = "q8_0" }, TestContext.Current.CancellationToken);

        var wrong = Assert.Throws<OptionsException>(() => Merge(quantised, folder.File("x"), "nowhere", options => options with { Onto = MergeTarget.Original }));

        Assert.Equal($"--onto original: {quantised} is stored as q8_0. Give the weights from before as MODEL, and --base-type q8_0.", wrong.Message);
    }

    [Fact]
    public void Dequantised_weights_cannot_be_asked_of_a_model_that_never_was_quantised()
    {
        var wrong = Assert.Throws<OptionsException>(() => Merge(CriaTiny.Name, folder.File("x"), "nowhere", options => options with { Onto = MergeTarget.Dequantized }));

        Assert.StartsWith("--onto dequantized: the weights of cria-tiny are not quantised.", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_that_is_no_change_of_weights_says_so()
    {
        var wrong = Assert.Throws<OptionsException>(() => Merge(TestData.Fixture("golden/llama2-gqa"), folder.File("x"), "peft-adapter-v1-tanh"));

        Assert.EndsWith("Use it as it is: every verb takes --adapter.", wrong.Message, StringComparison.Ordinal);
    }

    private static MergeReport Merge(string model, string to, string adapter, Func<MergeOptions, MergeOptions>? change = null)
    {
        string place = adapter.StartsWith("peft-", StringComparison.Ordinal) ? TestData.Fixture($"golden/{adapter}") : adapter;
        var options = new MergeOptions { Adapters = [(place, 1f)], Conversion = new ConversionOptions { Threads = 2 } };
        return ModelMerger.Merge(model, to, change is null ? options : change(options), TestContext.Current.CancellationToken);
    }

    private static float[] WithAdapter(string model, string adapter, float scale)
    {
        using var golden = new Golden(model);
        HuggingFaceAdapter.Load(golden.Model, TestData.Fixture($"golden/{adapter}")).Scale = scale;
        return Answers.Logits(golden.Model, Ids);
    }

    private string TrainedAdapter()
    {
        using var llama = Llama.Load(CriaTiny.Name);
        string path = folder.File("adapter");
        HuggingFaceAdapter.Save(Stirred.Adapter(new LoraOptions { Rank = 8, Targets = new Targets(["q_proj", "v_proj"]) }.Attach(llama.Model, seed: 1)), path, CriaTiny.Name);
        return path;
    }
}
