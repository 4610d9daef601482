using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Cria.Models;

namespace Cria.Peft;

/// <summary>Which linear layers a method works on: <c>all-linear</c>, a regular expression over the whole path, or a list of names.</summary>
/// <remarks>A name of a list matches a path that ends with it, word by word, as in huggingface/peft.</remarks>
[JsonConverter(typeof(TargetsJson))]
public sealed class Targets
{
    /// <summary>Every linear layer of the blocks; never the output head.</summary>
    public const string AllLinear = "all-linear";

    private readonly string? pattern;
    private readonly string[] names = [];

    /// <summary><c>all-linear</c>, or a regular expression.</summary>
    public Targets(string pattern) => this.pattern = pattern;

    /// <summary>A list of names.</summary>
    public Targets(IEnumerable<string> names) => this.names = [.. names];

    /// <summary>The expression, or null where names are listed.</summary>
    public string? Pattern => pattern;

    /// <summary>The names, where they are listed.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Adds what is wrong with them, whatever the model.</summary>
    public void Validate(Problems problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (pattern is null)
            problems.Unless(names.Length > 0, "targets: name at least one linear layer, such as q_proj, or say all-linear.");
        else if (pattern != AllLinear && Expression() is null)
            problems.Add($"targets: '{pattern}' is neither all-linear nor a regular expression.");
    }

    /// <summary>The layers of a model that are meant.</summary>
    /// <exception cref="OptionsException">A name, or the expression, matches nothing: the message lists what there is.</exception>
    public IReadOnlyList<LinearSlot> Select(LlamaModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var slots = model.Linears.ToList();
        var problems = new Problems();
        Validate(problems);
        string there = string.Join(", ", slots.Select(slot => slot.Name).Distinct());
        foreach (string name in names.Where(name => !slots.Exists(slot => EndsWith(slot.Path, name))))
            problems.Add($"targets: '{name}' matches no linear layer; this model has {there}.");
        var selected = slots.Where(slot => Matches(slot.Path)).ToList();
        if (pattern is not null && selected.Count == 0)
            problems.Add($"targets: the expression '{pattern}' matches no linear layer; this model has {there}, such as {slots[0].Path}.");
        problems.ThrowIfAny();
        return selected;
    }

    /// <inheritdoc/>
    public override string ToString() => pattern ?? string.Join(", ", names);

    private bool Matches(string path) => pattern switch
    {
        null => names.Any(name => EndsWith(path, name)),
        AllLinear => true,
        _ => Expression()!.IsMatch(path),
    };

    /// <summary>Whether a path ends with a name, word by word.</summary>
    internal static bool EndsWith(string path, string name) =>
        path == name || path.EndsWith($".{name}", StringComparison.Ordinal);

    // Recipes and adapter files come from strangers: an expression must not be able to run for ever.
    private Regex? Expression()
    {
        try
        {
            return new Regex($"^(?:{pattern})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}

internal sealed class TargetsJson : JsonConverter<Targets>
{
    public override Targets Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new Targets(reader.GetString()!);
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("targets: expected all-linear, a regular expression or a list of names.");
        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            names.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("targets: expected a list of names."));
        return new Targets(names);
    }

    public override void Write(Utf8JsonWriter writer, Targets value, JsonSerializerOptions options)
    {
        if (value.Pattern is { } pattern)
        {
            writer.WriteStringValue(pattern);
            return;
        }
        writer.WriteStartArray();
        foreach (string name in value.Names)
            writer.WriteStringValue(name);
        writer.WriteEndArray();
    }
}
