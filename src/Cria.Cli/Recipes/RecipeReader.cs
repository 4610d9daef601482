using Cria.Data;
using Cria.Peft;
using Cria.Tensors;
using Cria.Training;

namespace Cria.Cli.Recipes;

/// <summary>Turns a recipe file and <c>key=value</c> settings into options. Every mistake is told at once.</summary>
internal sealed class RecipeReader
{
    public const string MethodKey = "method";

    private const string MethodPath = $"peft.{MethodKey}";

    // What stands there is for cria compare; one recipe serves both.
    private const string ComparePrefix = "compare.";

    /// <summary>The origin of a setting that nobody gave.</summary>
    public const string Default = "default";

    private readonly Problems problems = new();
    private readonly IReadOnlyDictionary<string, RecipeEntry> entries;
    private readonly RunOptions run = new();
    private readonly DataOptions data = new();
    private readonly PeftOptions peft;
    private readonly BaseOptions weights = new();
    private readonly TrainingOptions train = new();
    private readonly Section[] sections;
    private readonly HashSet<string> refused = [];      // keys whose value could not be read: what else it lacks is no news

    private RecipeReader(Action<RecipeFile> read, IReadOnlyList<string> overrides, RecipeOverlay? overlay = null)
    {
        var file = new RecipeFile(problems);
        read(file);
        if (file.Entries.Count == 0)
            problems.ThrowIfAny();   // nothing was read: what it lacks is no news
        foreach (string typed in overrides)
            file.Override(typed);
        entries = Laid(file.Entries, overlay);
        peft = overlay?.Method ?? Method();
        sections =
        [
            new("", run, RecipeJson.Default.RunOptions),
            new("data", data, RecipeJson.Default.DataOptions),
            Section.Of(peft),
            new("base", weights, RecipeJson.Default.BaseOptions),
            new("train", train, RecipeJson.Default.TrainingOptions),
        ];
    }

    /// <summary>Reads a recipe; settings of the command line stand in place of the file's.</summary>
    /// <exception cref="OptionsException">Keys are unknown, or values do not fit: all of them are named, each as it was typed.</exception>
    public static Recipe Read(string path, IReadOnlyList<string> overrides) =>
        new RecipeReader(file => file.Read(path), overrides).Resolve();

    /// <summary>The same for one method of several.</summary>
    public static Recipe Read(Action<RecipeFile> read, IReadOnlyList<string> overrides, RecipeOverlay? overlay = null) =>
        new RecipeReader(read, overrides, overlay).Resolve();

    /// <summary>Whether a key stands under <c>train:</c>.</summary>
    public static bool IsTrainingKey(string key) => new Section("train", new TrainingOptions(), RecipeJson.Default.TrainingOptions).Settings.Any(setting => setting.Key == key);

    private Recipe Resolve()
    {
        foreach (var entry in entries.Values.Where(entry => entry.Path != MethodPath))
            Set(entry);
        Validate();
        problems.ThrowIfAny();
        return new Recipe(run, data, peft, weights, train) { Settings = [.. Settings()] };
    }

    private static Dictionary<string, RecipeEntry> Laid(IReadOnlyDictionary<string, RecipeEntry> given, RecipeOverlay? overlay)
    {
        var laid = given.Values.Where(entry => !entry.Path.StartsWith(ComparePrefix, StringComparison.Ordinal) && (overlay is null || overlay.Keeps(entry))).ToDictionary(entry => entry.Path);
        foreach (var entry in overlay?.More ?? [])
            laid[entry.Path] = entry;
        return laid;
    }

    private PeftOptions Method()
    {
        var types = PeftJson.Default.PeftOptions.PolymorphismOptions!.DerivedTypes;
        string method = entries.TryGetValue(MethodPath, out var entry) ? entry.Value.ToString() : "lora";
        var found = types.FirstOrDefault(type => (string)type.TypeDiscriminator! == method);
        if (found.DerivedType is null)
            Report("peft", one => one.UnlessOneOf(MethodKey, method, PeftOptions.Methods));
        var options = PeftJson.Default.GetTypeInfo(found.DerivedType ?? typeof(LoraOptions))!;
        return (PeftOptions)options.CreateObject!();
    }

    private void Set(RecipeEntry entry)
    {
        foreach (var section in sections)
        {
            if (section.Settings.FirstOrDefault(setting => setting.Path == entry.Path) is not { } setting)
                continue;
            int before = problems.Found.Count;
            setting.Set(section.Record, entry, problems);
            if (problems.Found.Count > before)
                refused.Add(entry.Path);
            return;
        }
        problems.Add($"{entry.Typed}: {Unknown(entry.Path)} ({entry.Origin})");
    }

    private string Unknown(string path)
    {
        if (sections.Any(section => section.Name == path))
            return "expected keys and values under it.";
        string[] known = [.. sections.SelectMany(section => section.Settings).Select(setting => setting.Path), MethodPath];
        string key = path[(path.IndexOf('.') + 1)..];
        string? elsewhere = known.FirstOrDefault(other => other == key || other.EndsWith($".{key}", StringComparison.Ordinal));
        if (elsewhere is not null)
            return $"is not a key here; it stands {(elsewhere.Contains('.') ? $"under {elsewhere}" : "at the top, under no other key")}.";
        return ClosestWord.To(path, known) is { } closest ? $"no such key. Did you mean {closest}?" : "no such key.";
    }

    private void Validate()
    {
        Report("", found =>
        {
            found.Unless(run.Model.Length > 0, "model: name a folder, a .gguf file or cria-tiny.");
            found.Unless(run.Out.Length > 0, "out: name the folder to write the run to.");
        });
        Report("data", found => data.Validate(found));
        Report("peft", peft.Validate);
        Report("base", found =>
        {
            if (weights.Type != BaseOptions.Keep)
                found.UnlessOneOf("type", weights.Type, [BaseOptions.Keep, .. DataType.OfBases.Select(type => type.Name)]);
            found.Unless(!weights.Stream || peft is not FullOptions, "stream: only a frozen base is streamed; method full trains it.");
        });
        Report("train", train.Validate);
    }

    // The library speaks of keys as such; here they get the words and the place that the user gave them.
    private void Report(string section, Action<Problems> validate)
    {
        var found = new Problems();
        validate(found);
        foreach (string problem in found.Found)
        {
            string key = problem[..problem.IndexOf(':')], path = section.Length == 0 ? key : $"{section}.{key}";
            if (refused.Contains(path))
                continue;
            problems.Add(entries.TryGetValue(path, out var entry) ? $"{entry.Typed}{problem[key.Length..]} ({entry.Origin})" : problem);
        }
    }

    private IEnumerable<ResolvedSetting> Settings()
    {
        foreach (var section in sections)
        {
            if (section.Record is PeftOptions)
                yield return new("peft", MethodKey, peft.Method, Origin(MethodPath));
            foreach (var setting in section.Settings)
                yield return new(section.Name, setting.Key, setting.Text(section.Record), Origin(setting.Path));
        }
    }

    private string Origin(string path) => entries.TryGetValue(path, out var entry) ? entry.Origin : Default;
}
