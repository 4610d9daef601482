using Cria.Data;
using Cria.Tests.Tokenizers;
using Cria.Tokenizers;

namespace Cria.Tests.Data;

public class TrainingDataTests
{
    [Fact]
    public void A_record_longer_than_max_length_is_cut_counted_and_said()
    {
        using var folder = TestData.Folder();
        string file = Write(folder, "a.jsonl",
            """{"prompt":"ab","completion":"cdef"}""", """{"prompt":"a","completion":"b"}""", """{"prompt":"abcdef","completion":"g"}""");

        var data = Load(new DataOptions { Train = file, MaxLength = 5, Packing = false });

        Assert.Equal([5, 4], data.Train.Select(sequence => sequence.Length));
        Assert.Equal([5], data.Longest(1).Select(sequence => sequence.Length));
        Assert.Equal((3, 2, 2, 1, 9), (data.Report.Records, data.Report.Examples, data.Report.Cut, data.Report.LeftOut, data.Report.Longest));
        Assert.Equal($"{file}: 2 of 3 records are longer than max_length 5 and were cut on the right; the longest has 9 tokens. "
            + $"{file}: 1 of 3 records were left out: no token of theirs is supervised.", data.Report.Warning);
        Assert.Equal($"{file}: 3 records (prompt-completion, template none), 2 examples, 9 tokens, 4 supervised, longest 9", data.Report.ToString());
    }

    [Fact]
    public void A_long_text_is_divided_and_every_token_of_it_is_predicted_once()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("a.txt"), "0123456789");

        var data = Load(new DataOptions { Train = folder.File("a.txt"), MaxLength = 5, Packing = false });

        var examples = data.Train.Select(sequence => sequence.Examples[0]).ToList();
        int[] targets = [.. examples.SelectMany(example => example.Labels.Skip(1))];
        Assert.Equal([.. "0123456789".Select(letter => (int)letter), ByteTokenizer.End], targets);
        Assert.All(examples.Zip(examples.Skip(1)), pair => Assert.Equal(pair.First.Tokens[^1], pair.Second.Tokens[0]));
        Assert.Equal((1, 3, 1, 0), (data.Report.Records, data.Report.Examples, data.Report.Divided, data.Report.LeftOut));
        Assert.Null(data.Report.Warning);
    }

    [Theory]
    [InlineData("""{"input_ids":[1,2],"labels":[-100,-100]}""", 8, """
        a.jsonl: no token of the 1 records is supervised, so there is nothing to learn.
          fix      check the answers (or the labels: -100 means not supervised), or set train_on_prompt
        """)]
    [InlineData("""{"prompt":"abcdefgh","completion":"i"}""", 8, """
        a.jsonl: no token of the 1 records is supervised, so there is nothing to learn.
          fix      raise max_length: the answers begin behind it
        """)]
    [InlineData("", 8, "a.jsonl: there is no record in it.")]
    public void Data_without_anything_to_learn_is_refused(string record, int maxLength, string expected)
    {
        using var folder = TestData.Folder();
        string file = Write(folder, "a.jsonl", record);

        var thrown = Assert.Throws<DataException>(() => Load(new DataOptions { Train = file, MaxLength = maxLength }));

        Assert.EndsWith(Path.DirectorySeparatorChar + expected, thrown.Message);
    }

    [Fact]
    public void A_share_for_validation_is_chosen_by_the_seed_and_learned_by_nobody()
    {
        using var folder = TestData.Folder();
        string file = Write(folder, "a.jsonl", [.. Enumerable.Range(0, 40).Select(i => $$"""{"input_ids":[{{i}},{{i}}]}""")]);
        var options = new DataOptions { Train = file, Validation = "0.05", Packing = false };

        var (first, again, other) = (Load(options, seed: 1), Load(options, seed: 1), Load(options, seed: 2));

        Assert.Equal((38, 2), (first.Train.Count, first.Validation.Count));
        Assert.Equal(Ids(first.Validation), Ids(again.Validation));
        Assert.NotEqual(Ids(first.Validation), Ids(other.Validation));
        Assert.Equal(Enumerable.Range(0, 40), Ids(first.Train).Concat(Ids(first.Validation)).Order());
    }

    [Fact]
    public void A_file_for_validation_has_a_report_of_its_own()
    {
        using var folder = TestData.Folder();
        string train = Write(folder, "a.jsonl", """{"prompt":"a","completion":"b"}""");
        string validation = Write(folder, "b.jsonl", """{"text":"a"}""", """{"text":"b"}""");

        var data = Load(new DataOptions { Train = train, Validation = validation });

        Assert.Equal((1, 2), (data.Report.Records, data.ValidationReport!.Records));
        Assert.Equal("text", data.ValidationReport.Format);
    }

    [Theory]
    [InlineData(null, 64, 64)]
    [InlineData(null, 131_072, 2048)]
    [InlineData(16, 64, 16)]
    public void A_length_that_nobody_set_is_no_longer_than_the_models_context(int? set, int context, int expected)
    {
        Assert.Equal(expected, new DataOptions { MaxLength = set }.MaxLengthFor(context));
    }

    [Fact]
    public void All_wrong_options_are_said_together()
    {
        var problems = new Problems();

        new DataOptions { Format = "alpacca", Template = "llama9", MaxLength = 1, Validation = "1.5" }.Validate(problems);
        new DataOptions { Train = "a", MaxLength = 9000 }.Validate(problems, contextLength: 8192);

        Assert.Equal(
        [
            "train: name a file of training records, or a list of files.",
            "validation: a share must lie between 0 and 1, got 1.5.",
            "format: 'alpacca' is not one of auto, prompt-completion, messages, sharegpt, alpaca, text, tokens. Did you mean 'alpaca'?",
            "template: 'llama9' is not one of auto, model, none, alpaca, alpaca-qlora, llama2, llama3, llama3.1, llama3.2, llama3.3, llama4. Did you mean 'llama2'?",
            "max_length: must be 2 or more, got 1.",
            "max_length: 9000 is longer than the model's context of 8192 tokens.",
        ], Assert.Throws<OptionsException>(problems.ThrowIfAny).Problems);
    }

    private static IEnumerable<int> Ids(IEnumerable<Sequence> sequences) => sequences.Select(sequence => sequence.Examples[0].Tokens[0]);

    private static string Write(TemporaryFolder folder, string name, params string[] records)
    {
        File.WriteAllLines(folder.File(name), records);
        return folder.File(name);
    }

    private static TrainingData Load(DataOptions options, int seed = 1) =>
        TrainingData.Load(options, ChatTemplate.None, ByteTokenizer.Create(), 261, contextLength: 64, seed);
}
