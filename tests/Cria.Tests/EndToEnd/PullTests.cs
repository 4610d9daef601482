using System.Text.Json.Nodes;
using Cria.Tests.Hub;

namespace Cria.Tests.EndToEnd;

/// <summary><c>cria pull</c>, <c>list</c>, <c>run</c> by name and <c>rm</c>, against a hub on the loopback.</summary>
public sealed class PullTests : IDisposable
{
    private readonly TestHub hub = new();
    private readonly TemporaryFolder home = TestData.Folder();

    public void Dispose()
    {
        hub.Dispose();
        home.Dispose();
    }

    [Fact]
    public async Task A_model_is_pulled_listed_run_by_its_name_and_removed()
    {
        string folder = CriaTiny.Folder();
        foreach (string file in Directory.GetFiles(folder))
            hub.Files[Path.GetFileName(file)] = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string> { ["HF_ENDPOINT"] = hub.Address, ["HF_HOME"] = home.Path, ["HF_HUB_CACHE"] = "", ["HF_TOKEN"] = "" };

        var pulled = await CriaCommand.RunWithAsync(environment, "pull", "org/tiny", "--json");
        var listed = await CriaCommand.RunWithAsync(environment, "list", "--json");
        var table = await CriaCommand.RunWithAsync(environment, "list");
        var named = await CriaCommand.RunWithAsync(environment, "run", "org/tiny", "Once upon a time", "--max-tokens", "8", "--temp", "0");
        var inside = await CriaCommand.RunAsync("run", "cria-tiny", "Once upon a time", "--max-tokens", "8", "--temp", "0");
        var unasked = await CriaCommand.RunWithAsync(environment, "rm", "org/tiny");
        var removed = await CriaCommand.RunWithAsync(environment, "rm", "org/tiny", "--yes", "--json");

        Assert.True(pulled.ExitCode == 0, pulled.Error);
        Assert.Equal(hub.Commit, (string)JsonNode.Parse(pulled.Output)!["commit"]!);
        var model = JsonNode.Parse(listed.Output)!["models"]![0]!;
        Assert.Equal(("org/tiny", "safetensors", "llama", true), ((string)model["name"]!, (string)model["format"]!, (string)model["architecture"]!, (bool)model["whole"]!));
        Assert.Matches(@"org/tiny +main +\d+ MB +\d+ +today +safetensors llama", table.Output);
        Assert.Equal((0, inside.Output), (named.ExitCode, named.Output));
        Assert.Equal(2, unasked.ExitCode);
        Assert.StartsWith("--yes: is needed where nobody can be asked.", unasked.Error);
        Assert.Equal(0, removed.ExitCode);
        Assert.Empty(Directory.GetDirectories(home.File("hub"), "models--*"));
    }
}
