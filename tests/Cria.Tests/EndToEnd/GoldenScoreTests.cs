using System.Text.Json.Nodes;

namespace Cria.Tests.EndToEnd;

/// <summary><c>cria score</c> against the logits of transformers and peft.</summary>
public class GoldenScoreTests
{
    [Theory, MemberData(nameof(Golden.DenseModels), MemberType = typeof(Golden))]
    public async Task Log_probabilities_of_a_model_are_those_of_transformers(string name)
    {
        using var golden = new Golden(name);

        var answer = await Score(golden, golden.Folder);

        AreThoseOf(golden, answer);
    }

    [Theory]
    [InlineData("peft-lora-qv")]
    [InlineData("peft-lora-all")]
    public async Task Log_probabilities_with_an_adapter_are_those_of_peft(string name)
    {
        using var golden = new Golden(name, baseModel: "llama2-gqa");

        var answer = await Score(golden, TestData.Fixture("golden/llama2-gqa"), "--adapter", golden.Folder);

        AreThoseOf(golden, answer);
    }

    private static async Task<JsonNode> Score(Golden golden, string model, params string[] more)
    {
        using var folder = TestData.Folder();
        string file = folder.File("ids.json");
        await File.WriteAllTextAsync(file, $"[{string.Join(',', golden.Sequences("input_ids").Select(ids => $"[{string.Join(',', ids)}]"))}]");
        var result = await CriaCommand.SucceedAsync(["score", model, "--token-ids", file, "--json", .. more]);
        return JsonNode.Parse(result.Output)!;
    }

    private static void AreThoseOf(Golden golden, JsonNode answer)
    {
        int[][] expected = golden.Sequences("input_ids");
        int row = 0;
        var sequences = answer["sequences"]!.AsArray();
        Assert.Equal(expected, sequences.Select(sequence => sequence!["tokens"]!.AsArray().Select(id => (int)id!).ToArray()));
        foreach (var (ids, sequence) in expected.Zip(sequences))
        {
            var found = sequence!["logprobs"]!.AsArray();
            Assert.Equal(ids.Length, found.Count);
            Assert.Null(found[0]);
            for (int i = 1; i < ids.Length; i++)
                Assert.Equal(LogProbability(golden["logits"].Row(row + i - 1), ids[i]), (double)found[i]!, Tolerances.Logits);
            row += ids.Length;
        }
    }

    private static double LogProbability(ReadOnlySpan<float> logits, int token)
    {
        double sum = 0;
        foreach (float logit in logits)
            sum += Math.Exp(logit);
        return logits[token] - Math.Log(sum);
    }
}
