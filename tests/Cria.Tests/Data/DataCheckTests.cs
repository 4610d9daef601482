using Cria.Data;
using Cria.Tests.Tokenizers;
using Cria.Tokenizers;

namespace Cria.Tests.Data;

public class DataCheckTests
{
    private const string Mixed = """
        {"prompt":"a","completion":"b"}
        {"prompt":"a",
        {"prompt":"a"}
        {"prompt":7,"completion":"b"}
        {"prompt":"c","completion":" "}
        {"prompt":"a","completion":"b"}
        {"prompt":"0123456789","completion":"abcdefghij"}
        [1]
        """;

    [Fact]
    public void Every_bad_record_is_named_and_counted_by_its_fault()
    {
        var report = Check(Mixed, new DataOptions { MaxLength = 16 });

        Assert.Equal(
        [
            (2, DataFault.Syntax, "not valid JSON, at byte 13 of this line."),
            (3, DataFault.MissingField, "'completion' is missing; found prompt."),
            (4, DataFault.WrongKind, "'prompt' must be a text, found a number."),
            (5, DataFault.EmptyAnswer, "message 2 is an empty answer: nothing but its end is learned."),
            (7, DataFault.TooLong, "it has 22 tokens, and max_length is 16: cut there, 5 of its 11 supervised tokens are left."),
            (8, DataFault.Syntax, "a record must be an object, found a list."),
        ], report.Bad.Select(bad => (bad.Origin.Line, bad.Fault, bad.Reason)));
        Assert.Equal((8, 6, 1), (report.Records, report.BadCount, report.Duplicates));
        Assert.Equal((4, 22), (report.Quantile(0.5), report.Quantile(1)));
        Assert.Equal((34, 17), (report.Tokens, report.SupervisedTokens));
        Assert.False(report.IsGood);
    }

    [Fact]
    public void Bad_records_are_all_counted_and_some_are_listed()
    {
        var report = Check(string.Join('\n', Enumerable.Repeat("{", 20)), new DataOptions(), mostListed: 3);

        Assert.Equal((20, 20, 3), (report.Records, report.BadCount, report.Bad.Count));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"assistant","content":"a"},{"role":"user","content":"b"}]}""", DataFault.Conversation)]
    [InlineData("""{"messages":[{"role":"user","content":"b"}]}""", DataFault.NothingSupervised)]
    [InlineData("""{"messages":[{"role":"boss","content":"b"}]}""", DataFault.UnknownRole)]
    [InlineData("""{"question":"b"}""", DataFault.UnknownFormat)]
    [InlineData("""{"input_ids":[1,2],"labels":[-100,-100]}""", DataFault.NothingSupervised)]
    public void Each_fault_has_a_name(string record, DataFault fault)
    {
        var report = Check(record, new DataOptions { Template = "llama2" });

        Assert.Equal([fault], report.Faults.Keys);
    }

    [Fact]
    public void A_file_that_ends_early_is_told()
    {
        var report = Check("[{\"text\":\"a\"},\n{\"text\":\"b\"", new DataOptions());

        Assert.Equal((2, 1), (report.Records, report.BadCount));
        Assert.EndsWith("nothing behind line 2 could be read.", report.Ended);
    }

    [Fact]
    public void Without_a_tokenizer_letters_are_counted()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("a.jsonl"), """{"prompt":"ab","completion":"c"}""");

        var report = DataCheck.Run(new DataOptions { Train = folder.File("a.jsonl") }, ChatTemplate.None, null, 10, 10, 10, TestContext.Current.CancellationToken);

        Assert.Null(report.MaxLength);
        Assert.Equal((3, 0), (report.Tokens, report.SupervisedTokens));
        Assert.True(report.IsGood);
    }

    [Fact]
    public void Skipped_records_are_counted_and_the_rest_is_learned()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("a.jsonl"), Mixed);
        var options = new DataOptions { Train = folder.File("a.jsonl"), Packing = false };

        using var data = Load(options with { SkipBad = true });

        Assert.Equal((4, 4, 4), (data.Report.Records, data.Train.Count, data.Report.Skipped));
        Assert.Equal($"{folder.File("a.jsonl")}: 4 bad records were skipped.", data.Report.Warning);
        Assert.Equal(2, Assert.Throws<DataException>(() => Load(options)).Record!.Origin.Line);
    }

    [Fact]
    public void A_file_of_bad_records_alone_is_refused()
    {
        using var folder = TestData.Folder();
        string file = folder.File("a.jsonl");
        File.WriteAllText(file, "{\n{");

        var thrown = Assert.Throws<DataException>(() => Load(new DataOptions { Train = file, SkipBad = true }));

        Assert.Equal($"""
            {file}: no record of it can be read.
              first    {file}, line 1: not valid JSON, at byte 1 of this line.
            """, thrown.Message);
    }

    [Fact]
    public void Several_files_are_read_as_one_and_columns_may_have_other_names()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("a.csv"), "prompt,question,answer\nno,q1,a1\n");
        File.WriteAllText(folder.File("b.jsonl"), """{"question":"q2","answer":"a2"}""");
        var options = new DataOptions
        {
            Train = new DataFiles([folder.File("a.csv"), folder.File("b.jsonl")]),
            Columns = new Dictionary<string, string> { ["prompt"] = "question", ["completion"] = "answer" },
        };

        using var data = Load(options with { Packing = false });
        var missing = Assert.Throws<DataException>(() => Load(options with { Format = "prompt-completion", Columns = new Dictionary<string, string> { ["completion"] = "reply" } }));

        Assert.Equal(["q1a1", "q2a2"], data.Train.Select(sequence => string.Concat(sequence.Examples[0].Tokens.Where(id => id < 256).Select(id => (char)id))));
        Assert.StartsWith($"{folder.File("a.csv")} and 1 more: 2 records (prompt-completion, template none)", data.Report.ToString());
        Assert.EndsWith("a.csv, line 2: 'reply' (the completion) is missing; found prompt, question, answer.", missing.Message);
    }

    [Theory]
    [InlineData("auto", "promt", "columns: 'promt' is not one of prompt, completion, system, messages, tools, images, conversations, instruction, input, output, history, text, input_ids, labels, image. Did you mean 'prompt'?")]
    [InlineData("text", "prompt", "columns: 'prompt' is not one of text, image.")]
    public void A_column_that_no_format_has_is_a_mistake(string format, string field, string expected)
    {
        var problems = new Problems();

        new DataOptions { Train = "a", Format = format, Columns = new Dictionary<string, string> { [field] = "x" } }.Validate(problems);

        Assert.Equal([expected], problems.Found);
    }

    private static TrainingData Load(DataOptions options) =>
        TrainingData.Load(options, ChatTemplate.None, ByteTokenizer.Create(), 261, 64, seed: 1, TestContext.Current.CancellationToken);

    private static DataCheckReport Check(string content, DataOptions options, int mostListed = 100)
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("a.jsonl"), content);
        return DataCheck.Run(
            options with { Train = folder.File("a.jsonl") }, ChatTemplate.None, ByteTokenizer.Create(), 261, 64, mostListed, TestContext.Current.CancellationToken);
    }
}
