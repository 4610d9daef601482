using System.Text;
using Cria.Cli;
using Cria.Tests.House;

namespace Cria.Tests.Cli;

public class CommandLineTests
{
    [Fact]
    public async Task The_help_of_every_verb_is_the_committed_one()
    {
        var help = new StringBuilder();
        var root = CommandLine.Create(new Terminal(TextReader.Null, TextWriter.Null, TextWriter.Null), new GlobalOptions());
        var verbs = root.Subcommands.SelectMany(verb => verb.Subcommands.Select(part => new[] { verb.Name, part.Name }).Prepend([verb.Name]));
        foreach (string[] call in verbs.Prepend([]).Select(verb => verb.Append("--help").ToArray()))
        {
            var run = await Command.SucceedAsync(call);
            help.Append($"$ cria {string.Join(' ', call)}\n").Append(run.Out);
        }

        // The parser calls the command by the name of the process, which here is the test program.
        Snapshot.Match("Help.txt", help.Replace("Cria.Tests", "cria").ToString());
    }

    [Theory]
    [InlineData("convert", "--type", "keep", "--out", "copy.gguf")]
    [InlineData("quantize", "--type", "q8_0", "--out", "copy.gguf")]
    [InlineData("parity", "--tokens", "1", "--against", "copy.gguf")]
    public async Task A_verb_that_takes_no_card_says_so_where_one_is_asked_for(string verb, string option, string value, string name, string file)
    {
        using var folder = TestData.Folder();
        string model = TestData.Fixture("golden/llama2-gqa");
        await Command.SucceedAsync("convert", model, "--out", folder.File(file));

        var run = await Command.RunAsync([verb, model, option, value, name, folder.File(file), "--device", "cuda:0", .. verb == "parity" ? Array.Empty<string>() : ["--force"]]);

        Assert.StartsWith($"--device: {verb} computes on the processor; cuda:0 is not used.\n", run.Error);
    }

    [Fact]
    public async Task The_version_goes_to_stdout()
    {
        var run = await Command.SucceedAsync("--version");

        Assert.Matches(@"^\d+\.\d+\.\d+", run.Out);
    }

    [Fact]
    public async Task Help_is_a_verb_too()
    {
        Assert.Equal((await Command.SucceedAsync("--help")).Out, (await Command.SucceedAsync("help")).Out);
        Assert.Equal((await Command.SucceedAsync("data", "check", "--help")).Out, (await Command.SucceedAsync("help", "data", "check")).Out);
    }

    [Fact]
    public async Task A_misspelt_verb_names_the_one_that_was_meant()
    {
        var run = await Command.RunAsync("tokenise");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("Did you mean 'tokenize'?\nTry 'cria --help'.\n", run.Error);
    }

    [Fact]
    public async Task All_wrong_options_are_told_at_once()
    {
        var run = await Command.RunAsync("tokenize", "a", "b", "--file", TestData.Fixture("Help.txt"), "--threads", "0", "--device", "tpu");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            """
            TEXT, --file, --decode: give one of them.
            --device: expected cpu, cuda or cuda:N, got tpu.
            --threads: must be 1 or more, got 0.
            Try 'cria tokenize --help'.

            """, run.Error, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task Sampling_settings_out_of_range_are_told_at_once()
    {
        var run = await Command.RunAsync("run", "model", "prompt", "--temp", "-1", "--top-p", "3", "--max-tokens", "0");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(3, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.StartsWith("--", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_failure_is_told_without_a_stack_trace()
    {
        var run = await Command.RunAsync("show", "/there/is/no/such/model");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("/there/is/no/such/model", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task No_arguments_show_the_help()
    {
        var run = await Command.RunAsync();

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("quickstart", run.Out);
    }

    [Theory]
    [InlineData("adapter", "adapter", 1f)]
    [InlineData("adapter:0.5", "adapter", 0.5f)]
    [InlineData("C:\\adapter", "C:\\adapter", 1f)]
    [InlineData("C:\\adapter:2", "C:\\adapter", 2f)]
    public void A_factor_may_follow_an_adapter(string typed, string folder, float scale)
    {
        Assert.Equal((folder, scale), ModelOptions.Split(typed));
    }
}
