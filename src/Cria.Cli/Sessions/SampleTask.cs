using Cria.Cli.Recipes;

namespace Cria.Cli.Sessions;

/// <summary>Recipes that ship inside, over the task that ships inside.</summary>
internal static class SampleTask
{
    /// <summary>The unseen questions.</summary>
    public static string Test => Path.Combine(CriaTiny.SampleTask(), "test.jsonl");

    /// <summary>A recipe by its resource's name, and the settings that fill in its files.</summary>
    public static (Action<RecipeFile> Read, IReadOnlyList<string> Settings) Recipe(string name)
    {
        string task = CriaTiny.SampleTask();
        using var resource = typeof(SampleTask).Assembly.GetManifestResourceStream(name)!;
        using var text = new StreamReader(resource);
        string yaml = text.ReadToEnd();
        return (file => file.Read(yaml, name),
        [
            $"data.train={Setting.Quote(Path.Combine(task, "train.jsonl"))}",
            $"data.validation={Setting.Quote(Path.Combine(task, "validation.jsonl"))}",
            $"compare.test={Setting.Quote(Test)}",
        ]);
    }
}
