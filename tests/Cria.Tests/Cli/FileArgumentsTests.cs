namespace Cria.Tests.Cli;

/// <summary>Paths that cannot be meant are refused before any work begins, by the word that was typed before them.</summary>
public sealed class FileArgumentsTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("MODEL|ADAPTER: is empty.", "show", "")]
    [InlineData("MODEL: is empty.", "run", "", "hello")]
    [InlineData("--adapter: is empty.", "run", "cria-tiny", "hello", "--adapter", "")]
    [InlineData("--out: is empty.", "convert", "cria-tiny", "--out", "")]
    [InlineData("--against: is empty.", "parity", "cria-tiny", "--against", "")]
    [InlineData("--json: is empty.", "doctor", "--json", "")]
    [InlineData("FILE: is empty.", "data", "check", "")]
    public Task A_name_that_is_nothing(string message, params string[] call) => Refuses(message, call);

    [Theory]
    [InlineData("--text", "score", "cria-tiny")]
    [InlineData("--token-ids", "score", "cria-tiny")]
    [InlineData("--file", "tokenize", "cria-tiny")]
    [InlineData("--text", "merge", "cria-tiny", "--adapter", "a", "--out", "b")]
    public async Task A_file_to_read_that_is_not_there(string option, params string[] call)
    {
        await Refuses($"{option}: there is no file {folder.File("none")}.", [.. call, option, folder.File("none")]);
        await Refuses($"{option}: {folder.Path} is a folder; name a file.", [.. call, option, folder.Path]);
    }

    [Fact]
    public async Task An_answer_that_could_not_be_written()
    {
        await Refuses($"--json: {folder.Path} is a folder; name a file.", ["doctor", "--json", folder.Path]);
        await Refuses($"--json: {folder.File("none/x")} cannot be written: there is no folder {folder.File("none")}.", ["show", "cria-tiny", "--json", folder.File("none/x")]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("[[5]]")]
    public async Task Nothing_to_score(string content)
    {
        await File.WriteAllTextAsync(folder.File("x"), content, TestContext.Current.CancellationToken);

        var run = await Command.RunAsync("score", "cria-tiny", content.Length == 0 ? "--text" : "--token-ids", folder.File("x"));

        Assert.Equal($"{folder.File("x")}: holds nothing to score: only what follows a token has a probability.\n", run.Error);
    }

    [Theory]
    [InlineData("x.safetensors")]
    [InlineData("x.bin")]
    [InlineData("x.PTH")]
    public Task A_model_in_a_file_that_is_not_written(string name) =>
        Refuses($"--out: {name} would be one file, and a model is written as a folder of Hugging Face's or as a .gguf file. Leave {Path.GetExtension(name)} out.", ["convert", "cria-tiny", "--out", name]);

    [Fact]
    public async Task A_folder_that_is_called_like_a_file()
    {
        string gguf = Directory.CreateDirectory(folder.File("x.gguf")).FullName, records = Directory.CreateDirectory(folder.File("x.jsonl")).FullName;

        Assert.StartsWith($"{gguf}: no tokenizer here.", (await Command.RunAsync("tokenize", gguf, "hello")).Error, StringComparison.Ordinal);
        Assert.Equal($"{records}: is a folder. Name the files in it.\n", (await Command.RunAsync("data", "check", records)).Error);
        Assert.Equal($"{folder.Path}: is a folder. Name the files in it.\n", (await Command.RunAsync("data", "check", folder.Path)).Error);
        Assert.Equal($"{folder.File("none")}: there is no such file.\n", (await Command.RunAsync("data", "check", folder.File("none"))).Error);
    }

    [Fact]
    public async Task An_empty_table()
    {
        await File.WriteAllTextAsync(folder.File("x.parquet"), "", TestContext.Current.CancellationToken);

        Assert.Equal($"{folder.File("x.parquet")}: it is no Parquet file, or was cut short: it has 0 bytes.\n", (await Command.RunAsync("data", "check", folder.File("x.parquet"))).Error);
    }

    private static async Task Refuses(string message, string[] call)
    {
        var run = await Command.RunAsync(call);

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(message, run.Error.Split('\n')[0]);
    }
}
