using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cria.Tests.Conversion;

/// <summary>
/// llama.cpp, which reads what we write: as the npm package node-llama-cpp, installed once into the user's cache folder. Where there is no npm,
/// or it finds no package, tests are skipped and say so; with CRIA_LLAMA_CPP=1 they fail instead, with 0 they are always skipped.
/// </summary>
internal static class LlamaCpp
{
    private const string Version = "3.22.1";
    private static readonly TimeSpan InstallTime = TimeSpan.FromMinutes(4), AnswerTime = TimeSpan.FromMinutes(3);
    private static readonly Lazy<(string? Folder, string? Missing)> Installed = new(Install);

    /// <summary>Where the native libraries of llama.cpp are.</summary>
    public static string Libraries => Path.Combine(Folder, "node_modules", "@node-llama-cpp", "linux-x64", "bins", "linux-x64");

    private static string Folder
    {
        get
        {
            if (Installed.Value.Folder is { } folder)
                return folder;
            string missing = $"llama.cpp cannot be used: {Installed.Value.Missing}";
            if (Environment.GetEnvironmentVariable("CRIA_LLAMA_CPP") == "1")
                Assert.Fail(missing);
            Assert.Skip(missing);
            return "";
        }
    }

    /// <summary>Asks about some files in one process.</summary>
    public static IReadOnlyList<LlamaCppAnswer> Ask(params IReadOnlyCollection<LlamaCppQuestion> questions)
    {
        string package = Folder;
        using var folder = TestData.Folder();
        string script = Path.Combine(package, $"{Path.GetFileName(folder.Path)}.mjs"), asked = folder.File("questions.json"), answered = folder.File("answers.json");
        File.WriteAllText(asked, new JsonArray([.. questions.Select(question => question.ToJson())]).ToJsonString());
        File.Copy(Path.Combine(TestData.Checkout, "tests", "Cria.Tests", "Conversion", "llama-cpp.mjs"), script);   // modules are found from where the script is
        try
        {
            var (code, output) = Run("node", package, AnswerTime, script, asked, answered);
            Assert.True(code == 0 && File.Exists(answered), $"llama.cpp ended with {code}:\n{output}");
        }
        finally
        {
            File.Delete(script);
        }
        return [.. JsonNode.Parse(File.ReadAllText(answered))!.AsArray().Select(answer => LlamaCppAnswer.Read(answer!))];
    }

    private static (string? Folder, string? Missing) Install()
    {
        if (Environment.GetEnvironmentVariable("CRIA_LLAMA_CPP") == "0")
            return (null, "CRIA_LLAMA_CPP is 0.");
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return (null, "these tests know its package for Linux on x64 only.");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named ? named : Path.Combine(home, ".cache");
        string folder = Path.Combine(cache, "cria-tests", $"node-llama-cpp-{Version}");
        if (Directory.Exists(folder))
            return (folder, null);
        string aside = $"{folder}.{Environment.ProcessId}";
        Directory.CreateDirectory(aside);
        try
        {
            // Without what is optional: that is the same library for every other machine, most of a gigabyte.
            var (code, output) = Run("npm", aside, InstallTime, "install", "--prefix", aside, "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund",
                $"node-llama-cpp@{Version}", $"@node-llama-cpp/linux-x64@{Version}");
            if (code != 0)
                return (null, $"npm install ended with {code}: {output}");
            Directory.Move(aside, folder);
            return (folder, null);
        }
        catch (Exception because) when (because is System.ComponentModel.Win32Exception or IOException)
        {
            return Directory.Exists(folder) ? (folder, null) : (null, because.Message);
        }
        finally
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
        }
    }

    private static (int Code, string Output) Run(string program, string folder, TimeSpan longest, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(longest))
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"stopped after {longest.TotalMinutes:F0} minutes");
        }
        return (process.ExitCode, (output.Result + error.Result).Trim());
    }
}

/// <summary>What is asked about a file.</summary>
internal sealed record LlamaCppQuestion(string Model)
{
    public string? Adapter { get; init; }

    /// <summary>Texts to tokenize, without a begin-of-text token.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>Token ids to continue.</summary>
    public IReadOnlyList<int[]> Prompts { get; init; } = [];

    /// <summary>Tokens to generate after each prompt.</summary>
    public int Count { get; init; }

    /// <summary>Whether the logits after every token of the prompts are told too.</summary>
    public bool Logits { get; init; }

    public JsonNode ToJson() => new JsonObject
    {
        ["model"] = Model,
        ["adapter"] = Adapter,
        ["texts"] = JsonSerializer.SerializeToNode(Texts),
        ["prompts"] = JsonSerializer.SerializeToNode(Prompts),
        ["count"] = Count,
        ["logits"] = Logits,
    };
}

/// <summary>What llama.cpp says of a file.</summary>
internal sealed record LlamaCppAnswer(string? Template, int? Begin, int? End, int[][] Ids, int[][] Greedy, float[][] Logits)
{
    public static LlamaCppAnswer Read(JsonNode json)
    {
        Assert.True(json["error"] is null, $"llama.cpp refuses the file: {json["error"]}");
        return new((string?)json["template"], (int?)json["begin"], (int?)json["end"], Lists(json["ids"]!), Lists(json["greedy"]!), [.. json["logits"]!.AsArray().Select(rows => Floats((string)rows!))]);
    }

    private static float[] Floats(string base64) => MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(base64)).ToArray();

    private static int[][] Lists(JsonNode json) => [.. json.AsArray().Select(list => list!.AsArray().Select(id => (int)id!).ToArray())];
}
