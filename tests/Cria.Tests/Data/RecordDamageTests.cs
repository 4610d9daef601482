using System.Text;
using Cria.Data;
using Cria.Tests.Tokenizers;
using Cria.Tokenizers;

namespace Cria.Tests.Data;

/// <summary>Files that were damaged on their way: each record is read or named as bad, and nothing else happens.</summary>
public class RecordDamageTests
{
    [Theory]
    [InlineData("a.csv", "prompt,completion\n\"one, \"\"two\"\"\nthree\",4\n5,6\n")]
    [InlineData("a.json", "[{\"prompt\":\"\\u00e9[1]\",\"completion\":\"a\",\"x\":[1,{\"b\":2}]},\n {\"prompt\":\"x\",\"completion\":\"\"}]\n")]
    [InlineData("a.jsonl", "{\"input_ids\":[1,2,3],\"labels\":[-100,2,3]}\n{\"input_ids\":[1,2,3]}\n")]
    [InlineData("b.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\\u00e9\"}]},{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}],\"weight\":0}],\"tools\":[{\"name\":\"f\"}]}\n")]
    [InlineData("c.jsonl", "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},{\"from\":\"function_call\",\"value\":\"{\\\"name\\\":\\\"f\\\"}\"}],\"tools\":\"[{}]\"}\n")]
    [InlineData("d.jsonl", "{\"instruction\":\"a\",\"output\":\"b\",\"history\":[[\"c\",\"d\"]]}\n{\"text\":\"é\"}\n")]
    public void A_damaged_file_is_an_error_not_a_crash(string name, string content)
    {
        using var folder = TestData.Folder();
        var options = new DataOptions { Train = folder.File(name) };
        Damage.Try<DataException>(Encoding.UTF8.GetBytes(content), times: 1_000, seed: 1, bytes =>
        {
            File.WriteAllBytes(folder.File(name), bytes);
            var report = DataCheck.Run(options, ChatTemplate.Llama3, ByteTokenizer.Create(), 261, 64, mostListed: 5);
            Assert.True(report.Records > 0);
        });
    }

    [Theory]
    [InlineData(".gz")]
    [InlineData(".zst")]
    public void A_damaged_compressed_file_is_an_error_not_a_crash(string extension)
    {
        using var folder = TestData.Folder();
        string file = folder.File("a.jsonl" + extension);
        Damage.Try<DataException>(Compressed.Bytes("{\"text\":\"one\"}\n{\"text\":\"two two two two two two\"}\n", extension), times: 500, seed: 1, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            foreach (var record in RecordFile.Read(file, bad => Assert.NotNull(bad.Record)))
                Assert.NotNull(record.Keys.ToList());
        });
    }
}
