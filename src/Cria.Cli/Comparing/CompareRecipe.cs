using System.Globalization;
using Cria.Cli.Recipes;
using Cria.Peft;

namespace Cria.Cli.Comparing;

/// <summary>A recipe read once for every method: what it says of model, data and training holds for all of them, the methods' settings for each alone.</summary>
/// <remarks>
/// <c>peft:</c> and <c>train.learning_rate</c> hold for the method that <c>peft.method</c> names; the others have a preset's settings, and what stands under
/// <c>compare:</c> with their names. Every mistake is told at once.
/// </remarks>
internal sealed class CompareRecipe
{
    private const string Section = "compare", RateKey = "learning_rate", RatePath = $"train.{RateKey}", MethodPath = $"peft.{RecipeReader.MethodKey}";

    private readonly Action<RecipeFile> read;
    private readonly IReadOnlyList<string> settings;
    private readonly IReadOnlyDictionary<string, RecipeEntry> entries;
    private readonly Problems problems = new();

    /// <param name="read">Reads the file.</param>
    /// <param name="settings"><c>key=value</c> of the command line.</param>
    /// <param name="methods">The methods of the command line, which stand in place of the recipe's; empty for the recipe's.</param>
    public CompareRecipe(Action<RecipeFile> read, IReadOnlyList<string> settings, IReadOnlyList<string> methods)
    {
        (this.read, this.settings) = (read, settings);
        var found = new Problems();
        var file = new RecipeFile(found);
        read(file);
        found.ThrowIfAny();
        foreach (string setting in settings)
            file.Override(setting);
        entries = file.Entries;
        ReadOwnKeys();
        if (methods.Count > 0)
            Options.Methods = methods;
        Validate();
    }

    /// <summary>The keys of <c>compare:</c> itself.</summary>
    public CompareOptions Options { get; } = new();

    /// <summary>The folder that the recipe names, or null.</summary>
    public string? Out => entries.TryGetValue("out", out var entry) ? entry.Value.Text : null;

    /// <summary>What is wrong with the keys under <c>compare:</c>.</summary>
    public IReadOnlyList<string> Problems => problems.Found;

    /// <summary>The methods with their recipes. Adds what is wrong with any of them.</summary>
    /// <param name="folder">Under which each run gets a folder of its own.</param>
    /// <param name="found">Where mistakes go.</param>
    /// <param name="more">Settings that stand in place of the recipe's for all methods.</param>
    public IReadOnlyList<Contender> Contenders(string folder, Problems found, params IReadOnlyList<RecipeEntry> more)
    {
        var presets = MethodPreset.All().ToDictionary(preset => preset.Name);
        var contenders = new List<Contender>();
        foreach (string name in Options.Methods.Where(presets.ContainsKey))
        {
            try
            {
                contenders.Add(Contender(presets[name], folder, more));
            }
            catch (OptionsException e)
            {
                foreach (string problem in e.Problems.Except(found.Found).ToList())
                    found.Add(problem);
            }
        }
        return contenders;
    }

    private Contender Contender(MethodPreset preset, string folder, IReadOnlyList<RecipeEntry> more)
    {
        bool isNamed = entries.TryGetValue(MethodPath, out var named) && named.Value.Text == preset.Name;
        List<RecipeEntry> own = [Entry("out", Path.Combine(folder, preset.Name))];
        if (!isNamed || !entries.ContainsKey(RatePath))
            own.Add(Entry(RatePath, preset.LearningRate.ToString(CultureInfo.InvariantCulture)));
        if (preset.BaseType is { } type)
            own.Add(Entry("base.type", type));
        else if (preset.Options is FullOptions)
            own.Add(Entry("base.type", BaseOptions.Keep));      // nothing of the base stays, so nothing can be stored smaller
        own.AddRange([.. Own(preset), .. more]);
        var overlay = new RecipeOverlay(preset.Options, entry => isNamed || !(entry.Path.StartsWith("peft.", StringComparison.Ordinal) || entry.Path == RatePath), own);
        return new Contender(preset, RecipeReader.Read(read, settings, overlay));
    }

    // Under compare.lora stand keys of training and of the method, side by side.
    private IEnumerable<RecipeEntry> Own(MethodPreset preset)
    {
        if (!entries.TryGetValue($"{Section}.{preset.Name}", out var entry))
            yield break;
        foreach (var (key, value) in entry.Value.Pairs ?? new Dictionary<string, string>())
        {
            string section = RecipeReader.IsTrainingKey(key) ? "train" : "peft";
            yield return new RecipeEntry($"{section}.{key}", $"{entry.Typed}.{key}", new RecipeValue(value), entry.Origin);
        }
    }

    private void ReadOwnKeys()
    {
        var section = new Section(Section, Options, RecipeJson.Default.CompareOptions);
        var names = MethodPreset.All().Select(preset => preset.Name).ToList();
        foreach (var entry in entries.Values.Where(entry => entry.Path.StartsWith($"{Section}.", StringComparison.Ordinal)))
        {
            string key = entry.Path[(Section.Length + 1)..];
            if (section.Settings.FirstOrDefault(setting => setting.Key == key) is { } setting)
                setting.Set(Options, entry, problems);
            else if (!names.Contains(key))
                problems.Add($"{entry.Typed}: is neither a key of compare nor a method.{(ClosestWord.To(key, [.. names, .. section.Settings.Select(one => one.Key)]) is { } close ? $" Did you mean {close}?" : "")} ({entry.Origin})");
            else if (entry.Value.Pairs is null)
                problems.Add($"{entry.Typed}: expected settings, such as {{learning_rate: 1e-3}}, found '{entry.Value}'. ({entry.Origin})");
        }
    }

    private void Validate()
    {
        foreach (string name in Options.Methods)
            problems.UnlessOneOf("methods", name, [.. MethodPreset.All().Select(preset => preset.Name)]);
        problems.Unless(Options.Methods.Count > 0, "methods: name at least one.");
        problems.Unless(Options.Methods.Distinct().Count() == Options.Methods.Count, "methods: one comes twice.");
        problems.UnlessOneOf("score", Options.Score, [CompareOptions.ExactMatch, CompareOptions.Fields, CompareOptions.Tokens]);
        problems.Unless(Options.MaxAnswerTokens >= 1, $"max_answer_tokens: must be 1 or more, got {Options.MaxAnswerTokens}.");
        problems.Unless(Options.Test is null || File.Exists(Options.Test), $"test: there is no file {Options.Test}.");
        problems.Unless(Options.Test is not null || entries.TryGetValue("data.validation", out var validation) && !validation.Value.IsNothing,
            "data.validation: without data to measure with (or questions, compare.test) there is nothing to compare by.");
        problems.Unless(!entries.ContainsKey("init_adapter"), "init_adapter: every method begins fresh here; leave the key out.");
    }

    private static RecipeEntry Entry(string path, string value) => new(path, path, new RecipeValue(value), Section);
}
