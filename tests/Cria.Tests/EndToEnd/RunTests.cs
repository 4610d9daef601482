using System.Diagnostics;
using System.Text.Json;

namespace Cria.Tests.EndToEnd;

/// <summary><c>cria run</c> and <c>cria --version</c>.</summary>
public class RunTests
{
    [Fact]
    public async Task The_official_text_of_200_steps_comes_out_of_the_command()
    {
        string model = TestData.Path("models/stories260K/tinyllm.gguf");
        using var expected = JsonDocument.Parse(await File.ReadAllTextAsync(
            TestData.Path("vectors/stories260K/greedy_and_logits.json"), TestContext.Current.CancellationToken));
        int steps = expected.RootElement.GetProperty("official_greedy_ids").GetArrayLength() - 1;

        var result = await CriaCommand.SucceedAsync("run", model, "", "--raw", "--temp", "0", "--max-tokens", $"{steps}");

        Assert.Equal(expected.RootElement.GetProperty("official_expected").GetString()!.Trim(), result.Output.Trim());
    }

    [Fact]
    public async Task The_native_executable_is_there_at_once()
    {
        if (CriaCommand.Native is null)
            Assert.Skip("CRIA_EXECUTABLE does not name a native executable.");
        await CriaCommand.SucceedAsync("--version");
        double fastest = double.PositiveInfinity;
        for (int i = 0; i < 5; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await CriaCommand.SucceedAsync("--version");
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        Assert.InRange(fastest, 0, 0.1);
    }
}
