using Cria.Checkpoints;
using Cria.Peft;
using Cria.Tensors;
using Cria.Tests.EndToEnd;
using Cria.Tokenizers;

namespace Cria.Tests.Cli;

/// <summary>How <c>cria run</c> puts a question to the model.</summary>
public class RunVerbTests
{
    [Fact]
    public async Task The_prompt_is_shown_with_its_marks_and_ids()
    {
        var run = await Command.SucceedAsync("run", "cria-tiny", "Hi?", "--show-prompt", "--template", "alpaca-qlora", "--system", "Be brief.");

        string[] lines = run.Out.TrimEnd().Split('\n');
        Assert.Equal("<|begin_of_text|>Be brief.\n\n### Instruction:\nHi?\n\n### Response: ", string.Join('\n', lines[..^1]));
        Assert.Equal(Llama.LoadTokenizer("cria-tiny").Decode([.. lines[^1].Split(' ').Select(int.Parse)], skipSpecial: false), string.Join('\n', lines[..^1]));
    }

    [Fact]
    public async Task The_prompt_is_shown_as_json()
    {
        var run = await Command.SucceedAsync("run", "cria-tiny", "Hi?", "--show-prompt", "--json");

        Assert.Equal("<|begin_of_text|>Hi?", (string?)run.Json["prompt"]);
        Assert.Equal(Llama.LoadTokenizer("cria-tiny").Encode("Hi?", addBegin: true), run.Json["tokens"]!.AsArray().Select(id => (int)id!));
    }

    [Fact]
    public async Task The_models_own_template_is_used_with_todays_date()
    {
        using var folder = TinyWith("{{ bos_token }}[{{ strftime_now('%Y') }}|{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}]");

        var run = await Command.SucceedAsync("run", folder.Path, "Hi?", "--show-prompt", "--system", "S");

        Assert.StartsWith($"<|begin_of_text|>[{DateTime.Now.Year}|system:S;user:Hi?;]", run.Out);
    }

    [Fact]
    public async Task A_template_that_cannot_be_used_is_told_aloud()
    {
        using var folder = TinyWith("{% include 'x' %}### Response:");

        var run = await Command.SucceedAsync("run", folder.Path, "Hi?", "--show-prompt");

        Assert.Contains("The built-in template alpaca is used instead.", run.Error);
        Assert.Contains("### Instruction:\nHi?", run.Out);
    }

    [Fact]
    public async Task A_template_that_does_not_exist_names_the_ones_that_do()
    {
        var run = await Command.RunAsync("run", "cria-tiny", "Hi?", "--template", "lama3");

        Assert.Equal((2, "'lama3' is not one of model, none, alpaca, alpaca-qlora, llama2, llama3, llama3.1, llama3.2, llama3.3, llama4. Did you mean 'llama3'?\n"),
            (run.ExitCode, run.Error["--template: ".Length..]));
    }

    [Fact]
    public async Task A_raw_prompt_has_no_template()
    {
        var run = await Command.RunAsync("run", "cria-tiny", "Hi?", "--raw", "--system", "S");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("--raw: takes the prompt as it stands; leave out --template, --system and --expert.", run.Error);
    }

    [Theory]
    [InlineData("alpaca", "alpaca")]
    [InlineData("auto", "alpaca")]     // records of Alpaca, and a model without a template
    [InlineData("llama2", "llama2")]
    public async Task An_adapter_is_asked_as_it_was_trained(string template, string expected)
    {
        using var run = new TrainingRun().Lines(Enumerable.Repeat("""{"instruction":"Say ho.","input":"","output":"ho"}""", 4).ToArray()).With("");
        File.WriteAllText(run.Recipe, $"model: cria-tiny\nout: {run.Path("run")}\ndata:\n  train: {run.Records}\n  template: {template}\npeft:\n  rank: 2\ntrain:\n  steps: 2\n  batch_size: 1\n  micro_batch_size: 1\n  save_every: 1\n");
        await Command.SucceedAsync("train", run.Recipe);

        var whole = await Command.SucceedAsync("run", "cria-tiny", "Hi?", "--show-prompt", "--json", "--adapter", run.Path("run"));
        var checkpoint = await Command.SucceedAsync("run", "cria-tiny", "Hi?", "--show-prompt", "--json", "--adapter", Path.Combine(run.Path("run"), "checkpoints", "step-1") + ":0.5");
        var named = await Command.SucceedAsync("run", "cria-tiny", "Hi?", "--show-prompt", "--json", "--adapter", run.Path("run"), "--template", "model");

        int[] prompt = ChatTemplate.Parse(expected)!.RenderPrompt(Llama.LoadTokenizer("cria-tiny"), "Hi?");
        Assert.Contains($"\n  template: {expected}\n", File.ReadAllText(Path.Combine(run.Path("run"), "recipe.yaml")));
        Assert.Equal([prompt, prompt, ChatTemplate.None.RenderPrompt(Llama.LoadTokenizer("cria-tiny"), "Hi?")], new[] { whole, checkpoint, named }.Select(Ids));
    }

    [Fact]
    public async Task A_run_goes_on_with_the_template_it_recorded()
    {
        using var folder = TinyWith("{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token if m.role == 'assistant' }}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}");
        using var run = new TrainingRun().Lines(Enumerable.Repeat("""{"messages":[{"role":"user","content":"Say ho."},{"role":"assistant","content":"ho"}]}""", 4).ToArray()).With("");
        File.WriteAllText(run.Recipe, $"model: {folder.Path}\nout: {run.Path("run")}\ndata:\n  train: {run.Records}\npeft:\n  rank: 2\ntrain:\n  steps: 2\n  batch_size: 1\n  micro_batch_size: 1\n");

        await Command.SucceedAsync("train", run.Recipe);

        Assert.Contains("\n  template: model\n", File.ReadAllText(Path.Combine(run.Path("run"), "recipe.yaml")));
        await Command.SucceedAsync("train", "--resume", run.Path("run"));
        var asked = await Command.SucceedAsync("run", folder.Path, "Hi?", "--show-prompt", "--adapter", run.Path("run"));
        Assert.StartsWith("<|begin_of_text|>user: Hi?assistant: \n", asked.Out);
    }

    /// <summary>cria-tiny with a chat template.</summary>
    internal static TemporaryFolder TinyWith(string jinja)
    {
        var folder = TestData.Folder();
        foreach (string file in Directory.GetFiles(CriaTiny.Folder()))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        File.WriteAllText(folder.File("chat_template.jinja"), jinja);
        return folder;
    }

    private static int[] Ids(Command run) => [.. run.Json["tokens"]!.AsArray().Select(id => (int)id!)];

    [Fact]
    public async Task What_experts_say_stands_in_the_prompt_as_text()
    {
        var run = await Command.SucceedAsync("run", "cria-tiny", "What is on the table?", "--expert", "caption=a red cup on a table", "--expert", "text=HOT = hot", "--template", "alpaca", "--show-prompt");

        Assert.Contains("What is on the table?\n\n### Input:\ncaption: a red cup on a table\ntext: HOT = hot\n", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--image: no adapter that sees images is attached", "--image", "cat.safetensors")]
    [InlineData("--expert: expected NAME=TEXT, such as caption=\"a dog on a beach\", found 'caption'.", "--expert", "caption")]
    [InlineData("--raw: takes the prompt as it stands; leave out --template, --system and --expert.", "--raw", "--expert", "a=b")]
    public async Task What_would_change_nothing_is_refused(string message, params string[] more)
    {
        var run = await Command.RunAsync(["run", "cria-tiny", "hello", .. more]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_changes_the_answer_of_an_adapter_that_sees_it()
    {
        using var folder = TestData.Folder();
        using var llama = Llama.Load(CriaTiny.Name);
        var adapter = new LlamaAdapterOptions { PromptLength = 3 }.Attach(llama.Model, seed: 1);
        foreach (var parameter in adapter.Trained.Where(parameter => parameter.Name.EndsWith("gate", StringComparison.Ordinal)))
            parameter.Value.Floats().Fill(1);
        HuggingFaceAdapter.Save(adapter, folder.File("adapter"), CriaTiny.Name);
        Safetensors.Write(folder.File("cat.safetensors"), [KeyValuePair.Create("features", llama.Model.Device.Normal(new Shape(1, llama.Model.Config.HiddenSize), 3, seed: 2))]);
        string[] asked = ["run", "cria-tiny", "Once upon a time", "--raw", "--adapter", folder.File("adapter"), "--max-tokens", "12"];

        var without = await Command.SucceedAsync(asked);
        var with = await Command.SucceedAsync([.. asked, "--image", folder.File("cat.jpg")]);

        Assert.NotEqual(without.Out, with.Out);
    }
}
