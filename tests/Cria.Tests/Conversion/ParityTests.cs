using Cria.Checkpoints;
using Cria.Conversion;

namespace Cria.Tests.Conversion;

public sealed class ParityTests : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_model_and_its_copy_agree_in_ids_tokens_and_logits()
    {
        string path = folder.File("x.gguf");
        Convert(CriaTiny.Name, path, TypeMix.Keep);

        var report = Compare(CriaTiny.Name, path);

        Assert.True(report.Agrees);
        Assert.All(report.Prompts, prompt => Assert.InRange(prompt.LargestLogitDifference, 0, Tolerances.SameModel));
    }

    [Fact]
    public void A_coarse_copy_differs_from_a_certain_token_on()
    {
        string path = folder.File("x.gguf");
        Convert(CriaTiny.Name, path, "q4_0");

        var report = Compare(CriaTiny.Name, path);

        Assert.False(report.Agrees);
        Assert.Contains(report.Prompts, prompt => prompt.FirstDifference is not null);
        Assert.All(report.Prompts, prompt => Assert.True(prompt.SameIds));
    }

    [Fact]
    public void Another_tokenizer_and_template_are_found_out()
    {
        string changed = folder.File("changed"), file = Path.Combine(changed, "tokenizer.json");
        Convert(CriaTiny.Name, changed, TypeMix.Keep);
        File.Delete(Path.Combine(changed, "tokenizer.model"));
        var json = JsonFile.Read(file);
        var ids = json["model"]!["vocab"]!.AsObject();
        (int time, int day) = ((int)ids["Ġtime"]!, (int)ids["Ġday"]!);
        (ids["Ġtime"], ids["Ġday"]) = (day, time);
        JsonFile.Write(file, json);
        File.WriteAllText(Path.Combine(changed, "chat_template.jinja"), "{{ messages[0].content }}");

        var report = Compare(CriaTiny.Name, changed);

        Assert.False(report.SameTemplate);
        Assert.Contains(report.Prompts, prompt => !prompt.SameIds);
    }

    private static void Convert(string from, string to, string type) =>
        ModelConverter.Convert(from, to, new ConversionOptions { Type = type, Threads = 2 }, TestContext.Current.CancellationToken);

    private static ParityReport Compare(string first, string second)
    {
        using var one = Llama.Load(first);
        using var other = Llama.Load(second);
        return Parity.Compare(one, other, 12, TestContext.Current.CancellationToken);
    }
}
