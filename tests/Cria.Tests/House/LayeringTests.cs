using System.Text.RegularExpressions;

namespace Cria.Tests.House;

/// <summary>Who may know whom. A new arrow is a decision: write it down in docs/decisions, then here.</summary>
public partial class LayeringTests
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Checkpoints"] = [],
        ["Templates"] = [],
        ["Tokenizers"] = ["Templates"],
        ["Models"] = ["Checkpoints"],
        ["Peft"] = ["Models", "Checkpoints"],
        ["Data"] = ["Tokenizers"],
        ["Training"] = ["Models", "Peft", "Data", "Checkpoints"],
        ["Planning"] = ["Models", "Peft", "Training", "Checkpoints"],
        ["Generation"] = ["Models", "Tokenizers"],
        ["Evaluation"] = ["Models", "Tokenizers", "Data", "Generation"],
        ["Conversion"] = ["Models", "Checkpoints", "Tokenizers", "Peft", "Generation", "Evaluation"],
    };

    public static TheoryData<string> Folders => [.. MayUse.Keys];

    [Theory, MemberData(nameof(Folders))]
    public void A_folder_uses_only_what_it_may(string folder)
    {
        var forbidden = MayUse.Keys.Except([folder, .. MayUse[folder]]);
        var named = new Regex($@"\b(Cria\.|using )({string.Join('|', forbidden)})\b(?!\s*\()");

        var offenders = SourceFile.Under($"src/Cria/{folder}").Where(file => named.IsMatch(file.Code)).Select(file => file.Path);

        Assert.Empty(offenders);
    }

    [Fact]
    public void Every_folder_of_the_library_stands_in_the_table()
    {
        var folders = Directory.GetDirectories(Path.Combine(TestData.Checkout, "src", "Cria")).Select(Path.GetFileName);

        Assert.Empty(folders.Except([.. MayUse.Keys, "Assets", "bin", "obj"]));
    }

    [Fact]
    public void The_engine_knows_nothing_of_language_files_or_the_console()
    {
        var offenders = SourceFile.Under("src/Cria.Tensors").Where(file => LanguageWords().IsMatch(file.Code)).Select(file => file.Path);

        Assert.Empty(offenders);
    }

    [Fact]
    public void Only_the_command_reads_the_environment_or_writes_to_the_console()
    {
        var offenders = SourceFile.Under("src").Where(file => !file.Path.StartsWith("src/Cria.Cli/", StringComparison.Ordinal) && Surroundings().IsMatch(file.Code));

        Assert.Empty(offenders.Select(file => file.Path));
    }

    [Fact]
    public void The_command_never_touches_a_tensor()
    {
        var named = new Regex(@"\b(Tensor|TensorScope|Gradients)\b");

        var offenders = SourceFile.Under("src/Cria.Cli").Where(file => named.IsMatch(file.Code)).Select(file => file.Path);

        Assert.Empty(offenders);
    }

    [Fact]
    public void Projects_reference_only_the_layer_below()
    {
        Assert.Empty(References("src/Cria.Tensors/Cria.Tensors.csproj"));
        Assert.Equal(["Cria.Tensors"], References("src/Cria/Cria.csproj"));
        Assert.Equal(["Cria"], References("src/Cria.Cli/Cria.Cli.csproj"));
    }

    private static IEnumerable<string> References(string project) =>
        ProjectReference().Matches(File.ReadAllText(Path.Combine(TestData.Checkout, project))).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"\b(Tokenizer|LlamaModel|LlamaConfig|Checkpoint|Safetensors|Gguf|Lora|Json\w+|HttpClient|Console)\b")]
    private static partial Regex LanguageWords();

    [GeneratedRegex(@"\bConsole\.|\bEnvironment\.(GetEnvironmentVariable|ExpandEnvironmentVariables|GetCommandLineArgs|Exit|CurrentDirectory)")]
    private static partial Regex Surroundings();

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*/([^/""]+)\.csproj""")]
    private static partial Regex ProjectReference();
}
