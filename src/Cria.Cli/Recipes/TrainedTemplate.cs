using Cria.Cli.Sessions;
using Cria.Tokenizers;

namespace Cria.Cli.Recipes;

/// <summary>The chat template that an adapter was trained with, as the recipe in its run folder says.</summary>
internal static class TrainedTemplate
{
    /// <summary>The built-in template; null where none is recorded, or it was the model's own.</summary>
    /// <param name="adapter">The folder or the file of an adapter: that of a run, or of one of its checkpoints.</param>
    public static ChatTemplate? Of(string adapter)
    {
        string folder = Directory.Exists(adapter) ? adapter : Path.GetDirectoryName(Path.GetFullPath(adapter)) ?? adapter;
        return Find(folder) is { } recipe && Recorded(recipe) is { } name ? ChatTemplate.Parse(name) : null;
    }

    // runs/x, or runs/x/checkpoints/step-100
    private static string? Find(string folder)
    {
        string own = Path.Combine(folder, TrainingSession.RecipeFile);
        if (File.Exists(own))
            return own;
        var parent = new DirectoryInfo(folder).Parent;
        string? of = parent?.Name == "checkpoints" && parent.Parent is { } run ? Path.Combine(run.FullName, TrainingSession.RecipeFile) : null;
        return File.Exists(of) ? of : null;
    }

    private static string? Recorded(string recipe)
    {
        var file = new RecipeFile(new Problems());   // a recipe that others spoilt records nothing
        file.Read(recipe);
        return file.Entries.TryGetValue("data.template", out var entry) ? entry.Value.Text : null;
    }
}
