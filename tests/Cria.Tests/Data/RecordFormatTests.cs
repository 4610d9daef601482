using Cria.Data;
using Cria.Tests.Tokenizers;
using Cria.Tokenizers;

namespace Cria.Tests.Data;

public class RecordFormatTests
{
    [Theory]
    [InlineData("prompt-completion", """{"prompt":"Hi","completion":"Ho"}""", "<|begin_of_text|>Hi⟦Ho<|end_of_text|>⟧")]
    [InlineData("messages", """{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"A"}]}""",
        "<|begin_of_text|>S\nQ⟦A<|end_of_text|>⟧")]
    [InlineData("sharegpt", """{"system":"S","conversations":[{"from":"human","value":"Q"},{"from":"gpt","value":"A"}]}""",
        "<|begin_of_text|>S\nQ⟦A<|end_of_text|>⟧")]
    [InlineData("text", """{"text":"Once."}""", "⟦<|begin_of_text|>Once.<|end_of_text|>⟧")]
    [InlineData("tokens", """{"input_ids":[72,105,33],"labels":[-100,105,33]}""", "H⟦i!⟧")]
    [InlineData("tokens", """{"input_ids":[72,105,33]}""", "⟦Hi!⟧")]
    public void A_record_is_recognized_and_becomes_tokens_and_labels(string format, string record, string expected)
    {
        var (examples, report) = Load(record);

        var example = Assert.Single(examples);
        Assert.Equal(format, report.Format);
        Assert.Equal(expected, Show(example));
        Assert.Equal(1, example.Origin.Line);
    }

    [Fact]
    public void Alpaca_records_over_a_base_model_take_the_template_of_Alpaca()
    {
        const string record = """{"instruction":"Add.","input":"1 1","output":"2"}""";

        var (examples, report) = Load(record);
        var (plain, _) = Load(record, new DataOptions { Template = "none" });

        Assert.Equal("alpaca", report.Template);
        Assert.EndsWith("### Input:\n1 1\n\n### Response:⟦2<|end_of_text|>⟧", Show(examples[0]));
        Assert.Equal("<|begin_of_text|>Add.\n1 1⟦2<|end_of_text|>⟧", Show(plain[0]));
    }

    [Fact]
    public void With_train_on_prompt_everything_is_supervised()
    {
        var (examples, _) = Load("""{"prompt":"Hi","completion":"Ho"}""", new DataOptions { TrainOnPrompt = true });

        Assert.Equal("⟦<|begin_of_text|>HiHo<|end_of_text|>⟧", Show(examples[0]));
        Assert.Equal(5, examples[0].SupervisedTokens);
    }

    [Theory]
    [InlineData("""{"prompt":"Hi"}""", """
        a.jsonl, line 2: the format of this record is not known.
          expected prompt, completion (prompt-completion)
          expected messages (messages)
          expected conversations (sharegpt)
          expected instruction, input, output (alpaca)
          expected text (text)
          expected input_ids, labels (tokens)
          found    prompt
          fix      where other names mean the same, say so, as in columns: {prompt: question, completion: answer}
        """)]
    [InlineData("""{"prompt":7,"completion":"Ho"}""", "a.jsonl, line 2: 'prompt' must be a text, found a number.")]
    [InlineData("""{"prompt":"\ud800","completion":"Ho"}""", "a.jsonl, line 2: 'prompt' holds bytes that are no text.")]
    [InlineData("""{"messages":[{"\ud800":"x","role":"user"}]}""", "a.jsonl, line 2: a key holds bytes that are no text.")]
    [InlineData("""{"messages":[{"role":"user","content":[{"\ud800":"x","typ":"text"}]}]}""", "a.jsonl, line 2: a key holds bytes that are no text.")]
    [InlineData("""{"instruction":"a","input":[],"output":"b"}""", "a.jsonl, line 2: 'input' must be a text, found a list.")]
    [InlineData("""{"messages":{}}""", "a.jsonl, line 2: 'messages' must be a list, found an object.")]
    [InlineData("""{"messages":[]}""", "a.jsonl, line 2: a conversation needs a message.")]
    [InlineData("""{"messages":["Hi"]}""", "a.jsonl, line 2: 'messages' must be a list of objects, found a text in it.")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "a.jsonl, line 2: 'content' is missing; found role.")]
    [InlineData("""{"messages":[{"role":"boss","content":"Hi"}]}""",
        "a.jsonl, line 2: 'role' must be system, user, assistant or tool, found 'boss'.")]
    [InlineData("""{"input_ids":[1,300],"labels":[1,2]}""", "a.jsonl, line 2: 'input_ids' must hold token ids from 0 to 260, found 300 at place 1.")]
    [InlineData("""{"input_ids":[1,2],"labels":[1,-1]}""", "a.jsonl, line 2: 'labels' must hold token ids from 0 to 260, or -100, found -1 at place 1.")]
    [InlineData("""{"input_ids":[1,2.5]}""", "a.jsonl, line 2: 'input_ids' must hold token ids from 0 to 260, found 2.5 at place 1.")]
    [InlineData("""{"input_ids":[1,2],"labels":[1]}""", "a.jsonl, line 2: there are 2 input_ids and 1 labels; each token needs one label.")]
    public void A_bad_record_is_named_with_line_and_reason(string record, string expected)
    {
        var thrown = Assert.Throws<DataException>(() => Load("\n" + record));

        Assert.EndsWith(Path.DirectorySeparatorChar + expected, thrown.Message);
    }

    [Fact]
    public void A_later_record_of_another_format_is_bad()
    {
        var thrown = Assert.Throws<DataException>(() => Load("""
            {"prompt":"Hi","completion":"Ho"}
            {"prompt":"Hi","answer":"Ho"}
            """));

        Assert.EndsWith("a.jsonl, line 2: 'completion' is missing; found prompt, answer.", thrown.Message);
    }

    [Fact]
    public void Text_needs_a_tokenizer_and_tokens_do_not()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("text.jsonl"), """{"text":"Hi"}""");
        File.WriteAllText(folder.File("tokens.jsonl"), """{"input_ids":[1,2]}""");

        TrainingData Read(string name) => TrainingData.Load(new DataOptions { Train = folder.File(name) }, ChatTemplate.None, null, 10, 64, seed: 1);

        Assert.Contains("records of the format 'text' are text, and this model has no tokenizer.", Assert.Throws<DataException>(() => Read("text.jsonl")).Message);
        Assert.Single(Read("tokens.jsonl").Train);
    }

    private static string Show(Example example) => ByteTokenizer.Show(
        ByteTokenizer.Create(), new RenderedChat([.. example.Tokens], [.. example.Labels.Select(label => label != Example.Unsupervised)]));

    private static (IReadOnlyList<Example> Examples, DataReport Report) Load(string content, DataOptions? options = null)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("a.jsonl"), content);
        options = (options ?? new DataOptions()) with { Train = folder.File("a.jsonl"), Packing = false };
        var data = TrainingData.Load(options, ChatTemplate.None, ByteTokenizer.Create(), 261, 2048, seed: 1);
        return ([.. data.Train.SelectMany(sequence => sequence.Examples)], data.Report);
    }
}
