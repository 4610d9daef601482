using Cria.Data;
using Cria.Tokenizers;

namespace Cria.Tests.Data;

/// <summary>Data sets as their authors publish them.</summary>
public class RealRecordsTests
{
    [Theory]
    [InlineData("alpaca/alpaca_2000.json.gz", "alpaca", 2000)]
    [InlineData("dolly/dolly_subset_noctx.json.gz", "alpaca", 3369)]
    [InlineData("gpteacher/roleplay.json.gz", "alpaca", 3146)]
    [InlineData("lima/lima_1029.json.gz", "alpaca", 1029)]
    [InlineData("medalpaca/medical_meadow_small.json.gz", "alpaca", 5942)]
    [InlineData("fastchat/dummy_conversation.json.gz", "sharegpt", 500)]
    [InlineData("llamafactory/glaive_toolcall_en_demo.json.gz", "sharegpt", 300)]
    [InlineData("llamafactory/alpaca_en_demo.json.gz", "alpaca", 999)]
    [InlineData("llamafactory/kto_en_demo.json.gz", "messages", 300)]
    [InlineData("llamafactory/c4_demo.jsonl.gz", "text", 300)]
    [InlineData("text/tinystories_sample.jsonl.gz", "text", 1097)]
    [InlineData("gsm8k/train.jsonl.gz", "prompt-completion", 7473, "question", "answer")]
    [InlineData("boolq/validation.csv.gz", "prompt-completion", 3270, "question", "answer")]
    [InlineData("truthfulqa/TruthfulQA.csv.gz", "prompt-completion", 817, "Question", "Best Answer")]
    [InlineData("humaneval/HumanEval.jsonl.gz", "prompt-completion", 164, "prompt", "canonical_solution")]
    public void A_data_set_is_read_to_its_end(string file, string format, int records, string? prompt = null, string? completion = null)
    {
        var options = new DataOptions { Train = TestData.Path($"datasets/{file}") };
        if (prompt is not null)
            options.Columns = new Dictionary<string, string> { ["prompt"] = prompt, ["completion"] = completion! };

        var report = DataCheck.Run(options, ChatTemplate.None, null, int.MaxValue, int.MaxValue, mostListed: 10, TestContext.Current.CancellationToken);

        Assert.Equal((format, records), (report.Format, report.Records));
        Assert.DoesNotContain(report.Faults.Keys, fault => fault <= DataFault.Conversation);
        Assert.Null(report.Ended);
    }

    [Fact]
    public void A_large_file_of_zstd_is_read_as_a_stream()
    {
        using var records = RecordFile.Read(TestData.Path("datasets/text/books_classics_1800_1928.jsonl.zst"), bad => throw bad).GetEnumerator();

        for (int i = 0; i < 5; i++)
            Assert.True(records.MoveNext() && records.Current.Text("text").Length > 1_000);
    }
}
