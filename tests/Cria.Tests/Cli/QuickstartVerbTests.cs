namespace Cria.Tests.Cli;

public class QuickstartVerbTests
{
    [Fact]
    public async Task A_place_that_cannot_be_written_is_told_before_the_first_question()
    {
        using var folder = TestData.Folder();
        File.WriteAllText(folder.File("file"), "");

        var run = await Command.RunAsync("quickstart", "--out", folder.File("file/run"));

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"{folder.File("file/run/checkpoints")}: cannot be written: ", run.Error);
        Assert.DoesNotContain("questions", run.Error);
    }
}
