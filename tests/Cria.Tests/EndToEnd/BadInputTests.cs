using System.Diagnostics;
using System.Text;
using Cria.Tests.Checkpoints;

namespace Cria.Tests.EndToEnd;

/// <summary>What a user reads when something is wrong: the file, the thing and the fix on stderr, an exit code, and never a stack trace.</summary>
public class BadInputTests
{
    [Fact]
    public async Task A_truncated_safetensors_file()
    {
        using var folder = Model();
        string weights = folder.File("model.safetensors");
        byte[] whole = await File.ReadAllBytesAsync(weights, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(weights, whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);

        await Fails(1, ["show", folder.Path], $"{weights}: tensor '", "the file was cut short or damaged");
    }

    [Theory]
    [InlineData(1UL << 60, null)]
    [InlineData(null, 1UL << 60)]
    public async Task A_gguf_file_that_lies_is_found_out_at_once(ulong? tensors, ulong? keys)
    {
        using var folder = TestData.Folder();
        string file = folder.File("lie.gguf");
        await File.WriteAllBytesAsync(file, GgufBytes.TinyLlama().Make(tensors, keys), TestContext.Current.CancellationToken);

        await Quick.WithinAsync(seconds: 10, () => Fails(1, ["show", file], $"{file}: ", "has an impossible length", "1,152,921,504,606,846,976"));
    }

    [Fact]
    public async Task A_missing_tensor()
    {
        using var folder = Model();
        await Replace(folder.File("model.safetensors"), "embed_tokens", "embed_tokenz");

        await Fails(1, ["show", folder.Path],
            "tensor 'model.embed_tokens.weight' is not in the file.", "closest  'model.embed_tokenz.weight'");
    }

    [Fact]
    public async Task A_wrong_shape()
    {
        using var folder = Model();
        await Replace(folder.File("config.json"), "\"intermediate_size\": 172", "\"intermediate_size\": 170");

        await Fails(1, ["show", folder.Path], "has the wrong shape.", "intermediate_size", "config.json", "[172, 64]");
    }

    [Fact]
    public async Task A_model_that_is_no_llama()
    {
        using var folder = Model();
        await Replace(folder.File("config.json"), "LlamaForCausalLM", "GPT2LMHeadModel");

        await Fails(1, ["run", folder.Path, "hello"], $"{folder.Path}: config.json: is not a LLaMA.", "found    architecture 'GPT2LMHeadModel'");
    }

    [Fact]
    public async Task A_tokenizer_larger_than_the_vocabulary()
    {
        using var folder = Model();
        File.Copy(Path.Combine(TestData.Checkout, "src/Cria/Assets/cria-tiny/tokenizer.model"), folder.File("tokenizer.model"));

        await Fails(1, ["run", folder.Path, "hello"], $"{folder.Path}: the tokenizer does not fit the model.", "expected 320 tokens at most, from vocab_size in ");
    }

    [Fact]
    public async Task An_adapter_for_another_base()
    {
        using var folder = TestData.Folder();
        await File.WriteAllTextAsync(folder.File("ids.json"), "[[1, 2]]", TestContext.Current.CancellationToken);

        await Fails(1, ["score", TestData.Fixture("golden/llama1-mha"), "--adapter", TestData.Fixture("golden/peft-lora-all"), "--token-ids", folder.File("ids.json")],
            "the adapter was made for another base", "tensor   '", "fix      ");
    }

    [Fact]
    public async Task Three_mistakes_in_a_recipe()
    {
        using var run = new TrainingRun().With("data:\n  trian: x\n  train: y.jsonl\npeft:\n  rank: -1\ntrain:\n  learning_rate: fast");

        var result = await Fails(2, ["train", run.Recipe]);

        Assert.Equal(
        [
            $"trian: no such key. Did you mean data.train? ({run.Recipe}, line 4)",
            $"learning_rate: expected a number, found 'fast'. ({run.Recipe}, line 9)",
            $"rank: must lie from 1 to 65536, got -1. ({run.Recipe}, line 7)",
        ], result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Fact]
    public async Task A_target_that_matches_nothing()
    {
        using var run = new TrainingRun().Random(records: 4).With("data:\n  train: RECORDS\npeft:\n  targets: [query]\ntrain:\n  steps: 1");

        await Fails(2, ["train", run.Recipe], "targets: 'query' ", "q_proj");
    }

    [Fact]
    public async Task A_bad_record()
    {
        using var run = new TrainingRun().Lines("""{"input_ids":[1,2,3],"labels":[1,2,3]}""", """{"input_ids":[1,2,3],"labels":[1,2]}""")
            .With("data:\n  train: RECORDS\ntrain:\n  steps: 1");

        await Fails(1, ["train", run.Recipe], $"{run.Records}, line 2: ");
    }

    [Fact]
    public async Task Nothing_supervised()
    {
        using var run = new TrainingRun().Lines("""{"input_ids":[1,2,3],"labels":[-100,-100,-100]}""").With("data:\n  train: RECORDS\ntrain:\n  steps: 1");

        await Fails(1, ["train", run.Recipe], $"{run.Records}: no token of the 1 records is supervised", "fix      ");
    }

    [Fact]
    public async Task Records_longer_than_the_longest_are_counted()
    {
        using var run = new TrainingRun().Random(records: 40).With("data:\n  train: RECORDS\n  max_length: 8\ntrain:\n  steps: 1\n  batch_size: 2");

        var result = await CriaCommand.SucceedAsync("train", run.Recipe);

        Assert.Matches(@"records\.jsonl: \d+ of 40 records are longer than max_length 8 and were cut on the right; the longest has \d+ tokens\.", result.Error);
    }

    [Theory]
    [InlineData("tain RECIPE.yaml", "verb: 'tain' is not one of ", "Did you mean 'train'?", "Try 'cria --help'.")]
    [InlineData("show cria-tiny --tensor", "--tensor", "Try 'cria show --help'.")]
    [InlineData("train", "RECIPE.yaml: name a recipe, or --resume the folder of a run.")]
    [InlineData("train nowhere.yaml train.steps=3", "nowhere.yaml: there is no such recipe.")]
    [InlineData("score cria-tiny --text nowhere.txt", "--text: there is no file nowhere.txt.")]
    [InlineData("train --resume nowhere", "--resume: nowhere is not the folder of a run: there is no recipe.yaml in it.")]
    public async Task A_wrong_call(string typed, params string[] told) => await Fails(2, typed.Split(' '), told);

    [Theory]
    [InlineData("show nowhere.gguf", "nowhere.gguf: there is no such file")]
    [InlineData("run cria-tiny hello --adapter nowhere", "nowhere")]
    public async Task A_file_that_is_not_there(string typed, string told) => await Fails(1, typed.Split(' '), told);

    [Theory]
    [InlineData("show PIPE")]
    [InlineData("score PIPE --text TEXT")]
    [InlineData("run cria-tiny hello --adapter PIPE")]
    public async Task A_pipe_as_a_model(string typed)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes among its files.");
        using var folder = TestData.Folder();
        string pipe = folder.File("pipe"), text = folder.File("text.txt");
        await File.WriteAllTextAsync(text, "Once upon a time", TestContext.Current.CancellationToken);
        using (var made = Process.Start("mkfifo", pipe))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        var writing = Task.Run(() => File.WriteAllText(pipe, "GGUF"), TestContext.Current.CancellationToken);

        await Fails(1, typed.Replace("PIPE", pipe, StringComparison.Ordinal).Replace("TEXT", text, StringComparison.Ordinal).Split(' '), $"{pipe}: is a pipe or a device.");
        // The pipe may be closed before the bytes were written, which then have no reader.
        await writing.ContinueWith(static _ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static async Task<CriaResult> Fails(int code, string[] typed, params string[] told)
    {
        using var folder = TestData.Folder();
        var result = await CriaCommand.RunInAsync(folder.Path, typed);
        Assert.True(result.ExitCode == code, $"cria {string.Join(' ', typed)} ended with {result.ExitCode}:\n{result.Error}");
        Assert.Empty(result.Output);
        Assert.All(told, part => Assert.Contains(part, result.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpectedly", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
        return result;
    }

    /// <summary>A copy of a tiny model, to be spoiled.</summary>
    private static TemporaryFolder Model()
    {
        var folder = TestData.Folder();
        foreach (string file in (string[])["config.json", "model.safetensors"])
            File.Copy(Path.Combine(TestData.Fixture("golden/llama2-gqa"), file), folder.File(file));
        return folder;
    }

    // Latin-1 keeps every byte as it is, and the new text is as long as the old one.
    private static async Task Replace(string file, string old, string with)
    {
        string text = await File.ReadAllTextAsync(file, Encoding.Latin1, TestContext.Current.CancellationToken);
        Assert.Contains(old, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(old, with, StringComparison.Ordinal), Encoding.Latin1, TestContext.Current.CancellationToken);
    }
}
