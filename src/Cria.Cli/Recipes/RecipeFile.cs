using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Cria.Cli.Recipes;

/// <summary>Reads a recipe, and <c>key=value</c> from the command line, into entries. It knows YAML, and no setting.</summary>
internal sealed class RecipeFile(Problems problems)
{
    // A recipe is a page. Nobody's recipe may fill the memory.
    private const long MostBytes = 1_000_000;

    // A recipe has three levels below the document. The library reads nodes by calling itself, and a stack that overflows ends the process.
    private const int MostDepth = 32;

    private readonly Dictionary<string, RecipeEntry> entries = [];

    /// <summary>Every setting that was given, by its path. What came later stands in place of what came before.</summary>
    public IReadOnlyDictionary<string, RecipeEntry> Entries => entries;

    public void Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            problems.Add($"{path}: there is no such recipe. Name a YAML file.");
        else if (file.Length > MostBytes)
            problems.Add($"{path}: is no recipe; it has more than {MostBytes} bytes.");
        else
            Read(File.ReadAllText(path), path);
    }

    /// <summary>Reads the text of a recipe.</summary>
    public void Read(string yaml, string name)
    {
        if (Parse(yaml, name) is not { } root)
            return;
        foreach (var (key, value) in Pairs(root, name))
        {
            if (value is YamlMappingNode section)
                ReadSection(key, section, name);
            else
                Add(key, key, value, Line(name, value));
        }
    }

    /// <summary>Reads <c>train.learning_rate=1e-4</c>.</summary>
    public void Override(string typed)
    {
        int equals = typed.IndexOf('=');
        if (equals <= 0)
        {
            problems.Add($"{typed}: expected key=value, such as train.learning_rate=1e-4.");
            return;
        }
        string key = typed[..equals];
        if (Parse($"value: {typed[(equals + 1)..]}", key) is { Children.Count: 1 } root)
            Add(key, key, root.Children[0].Value, "command line");
    }

    private void ReadSection(string section, YamlMappingNode node, string name)
    {
        foreach (var (key, value) in Pairs(node, name))
            Add($"{section}.{key}", key, value, Line(name, value));
    }

    private void Add(string path, string typed, YamlNode node, string origin)
    {
        if (Value(node) is { } value)
            entries[path] = new RecipeEntry(path, typed, value, origin);
        else
            problems.Add($"{typed}: expected a value or a list of values. ({origin})");
    }

    private static RecipeValue? Value(YamlNode node) => node switch
    {
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" } => RecipeValue.Nothing,
        YamlScalarNode scalar => new RecipeValue(scalar.Value),
        YamlSequenceNode list when list.Children.All(child => child is YamlScalarNode) =>
            new RecipeValue(null, [.. list.Children.Select(child => ((YamlScalarNode)child).Value ?? "")]),
        YamlMappingNode pairs when pairs.Children.All(pair => pair is { Key: YamlScalarNode, Value: YamlScalarNode }) =>
            new RecipeValue(null, null, pairs.Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value ?? "", pair => ((YamlScalarNode)pair.Value).Value ?? "")),
        _ => null,
    };

    private IEnumerable<(string Key, YamlNode Value)> Pairs(YamlMappingNode node, string name)
    {
        foreach (var (key, value) in node.Children)
        {
            if (key is YamlScalarNode { Value.Length: > 0 } scalar)
                yield return (scalar.Value, value);
            else
                problems.Add($"{name}, line {key.Start.Line}: a key must be a word.");
        }
    }

    private YamlMappingNode? Parse(string yaml, string name)
    {
        try
        {
            if (IsDeep(yaml))
            {
                problems.Add($"{name}: is no recipe; lists and keys stand more than {MostDepth} deep in each other.");
                return null;
            }
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }])
                return root;
            problems.Add($"{name}: expected one YAML document of keys and values.");
        }
        catch (YamlException e)
        {
            problems.Add($"{name}: is no YAML at line {e.Start.Line}, column {e.Start.Column}: {e.Message}");
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException)
        {
            problems.Add($"{name}: is no YAML.");   // what is thrown at some unclosed lists, and at some keys that are missing, without a place
        }
        return null;
    }

    private static bool IsDeep(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        int depth = 0;
        while (depth <= MostDepth && parser.MoveNext())
            depth += parser.Current!.NestingIncrease;
        return depth > MostDepth;
    }

    private static string Line(string name, YamlNode node) => $"{name}, line {node.Start.Line}";
}
