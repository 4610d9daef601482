using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Cria.Data;
using Cria.Peft;

namespace Cria.Cli.Recipes;

/// <summary>One key of a section: the property of an options record that it sets, found through the JSON source generator, not by reflection.</summary>
internal sealed class Setting(string section, JsonPropertyInfo property)
{
    public string Key => property.Name;
    public string Path { get; } = section.Length == 0 ? property.Name : $"{section}.{property.Name}";

    private Type Type { get; } = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    /// <summary>The value that the record has, as a recipe spells it.</summary>
    public string Text(object record) => Write(property.Get!(record));

    /// <summary>Sets the property, or adds why the value does not fit.</summary>
    public void Set(object record, RecipeEntry entry, Problems problems)
    {
        if (Read(entry.Value) is { } value)
            property.Set!(record, value);
        else if (entry.Value.IsNothing && property.IsSetNullable)
            property.Set!(record, null);
        else
            problems.Add($"{entry.Typed}: expected {Expected}, found {(entry.Value.IsNothing ? "nothing" : $"'{entry.Value}'")}. ({entry.Origin})");
    }

    private object? Read(RecipeValue value)
    {
        if (Type == typeof(Targets))
            return value.List is { } names ? new Targets(names) : value.Text is { } pattern ? new Targets(pattern) : null;
        if (Type == typeof(DataFiles))
            return value.List is { } files ? new DataFiles(files) : value.Text is { } file ? (DataFiles)file : null;
        if (Type == typeof(IReadOnlyDictionary<string, string>))
            return value.Pairs;
        if (Type == typeof(IReadOnlyList<string>))
            return value.List ?? (value.Text is { } one ? [one] : null);
        if (Type == typeof(IReadOnlyList<double>))
            return Numbers(value.List);
        if (Type == typeof(IReadOnlyList<int>))
            return Numbers(value.List) is { } whole && whole.All(number => number == (int)number) ? [.. whole.Select(number => (int)number)] : (int[]?)null;
        return value.Text is { } text ? Read(text) : null;
    }

    private object? Read(string text) => System.Type.GetTypeCode(Type) switch
    {
        TypeCode.String => text,
        TypeCode.Boolean => text switch { "true" or "True" => true, "false" or "False" => false, _ => null },
        TypeCode.Int32 when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int whole) => whole,
        TypeCode.Int64 when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => whole,
        TypeCode.UInt64 when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong whole) => whole,
        TypeCode.Single when float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) => number,
        TypeCode.Double when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        _ => null,
    };

    private static double[]? Numbers(IReadOnlyList<string>? list)
    {
        var numbers = new List<double>();
        foreach (string text in list ?? [])
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
                return null;
            numbers.Add(number);
        }
        return list is null ? null : [.. numbers];
    }

    private string Expected => System.Type.GetTypeCode(Type) switch
    {
        TypeCode.String => "a text",
        TypeCode.Boolean => "true or false",
        TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        TypeCode.UInt64 => "a whole number, not negative",
        TypeCode.Single or TypeCode.Double => "a number",
        _ when Type == typeof(IReadOnlyList<double>) => "a list of numbers, such as [0.9, 0.999]",
        _ when Type == typeof(IReadOnlyDictionary<string, string>) => "names and what the file calls them, such as {prompt: question, completion: answer}",
        _ when Type == typeof(DataFiles) => "a file or a list of files",
        _ => "a name or a list of names",
    };

    private static string Write(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        string text => Quote(text),
        DataFiles { Paths: [var file] } => Quote(file),
        DataFiles files => $"[{string.Join(", ", files.Paths.Select(Quote))}]",
        IReadOnlyDictionary<string, string> pairs => $"{{{string.Join(", ", pairs.Select(pair => $"{Quote(pair.Key)}: {Quote(pair.Value)}"))}}}",
        Targets { Pattern: { } pattern } => Quote(pattern),
        Targets targets => $"[{string.Join(", ", targets.Names.Select(Quote))}]",
        IReadOnlyList<string> list => $"[{string.Join(", ", list.Select(Quote))}]",
        IReadOnlyList<int> list => $"[{string.Join(", ", list)}]",
        IReadOnlyList<double> list => $"[{string.Join(", ", list.Select(number => number.ToString(CultureInfo.InvariantCulture)))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    /// <summary>A text as YAML: plain where YAML surely reads it as a text, otherwise between single quotes, where only the quote itself is special.</summary>
    public static string Quote(string text)
    {
        bool plain = text.Length > 0 && text is not ("null" or "true" or "false") && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
            && (char.IsAsciiLetter(text[0]) || text[0] is '/' or '.' && text.Length > 1 && !char.IsAsciiDigit(text[1]));
        return plain ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
