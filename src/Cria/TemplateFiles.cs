using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Templates;
using Cria.Tokenizers;

namespace Cria;

/// <summary>Finds a model's chat template: inside a GGUF file, in a file of its own, or in <c>tokenizer_config.json</c>.</summary>
/// <remarks>
/// As transformers looks for it: <c>chat_template.jinja</c> stands before the key <c>chat_template</c>, which is one template or a list of named ones. Of those
/// <c>tool_use</c> serves conversations with tools, and <c>default</c> all others.
/// </remarks>
internal static class TemplateFiles
{
    private const string Usual = "default", WithTools = "tool_use";
    private const string OwnFile = "chat_template.jinja", ConfigFile = "tokenizer_config.json", Key = "chat_template";

    private static readonly string[] TokenNames = ["bos_token", "eos_token", "unk_token", "pad_token"];

    /// <param name="metadata">Of a GGUF file; null for other formats.</param>
    /// <param name="folder">Where the weights are.</param>
    public static TemplateSource? Find(GgufMetadata? metadata, string folder)
    {
        if (metadata is not null)
            return metadata.GetText($"tokenizer.{Key}") is { } jinja
                ? new TemplateSource($"tokenizer.{Key}", jinja) { WithTools = metadata.GetText($"tokenizer.{Key}.{WithTools}") }
                : null;
        string config = Path.Combine(folder, ConfigFile);
        var settings = File.Exists(config) ? JsonFile.Read(config) : [];
        var found = OwnFiles(folder) ?? InSettings(settings);
        return found is null ? null : found with { Tokens = Tokens(settings) };
    }

    private static TemplateSource? OwnFiles(string folder)
    {
        if (Text(Path.Combine(folder, OwnFile)) is not { } jinja)
            return null;
        return new TemplateSource(OwnFile, jinja) { WithTools = Text(Path.Combine(folder, "additional_chat_templates", $"{WithTools}.jinja")) };
    }

    private static TemplateSource? InSettings(JsonObject settings)
    {
        string name = $"{Key} of {ConfigFile}";
        if (Text(settings[Key]) is { } jinja)
            return new TemplateSource(name, jinja);
        var named = settings[Key] switch
        {
            JsonArray list => list.OfType<JsonObject>().Select(one => (Name: Text(one["name"]), Jinja: Text(one["template"]))),
            JsonObject map => map.Select(one => (Name: (string?)one.Key, Jinja: Text(one.Value))),
            _ => [],
        };
        var templates = named.Where(one => one.Jinja is not null).ToList();
        string? Called(string wanted) => templates.FirstOrDefault(one => one.Name == wanted).Jinja;
        return (Called(Usual) ?? templates.FirstOrDefault().Jinja) is { } usual ? new TemplateSource(name, usual) { WithTools = Called(WithTools) } : null;
    }

    private static Dictionary<string, string> Tokens(JsonObject settings)
    {
        var tokens = new Dictionary<string, string>();
        foreach (string name in TokenNames)
            if ((Text(settings[name]) ?? Text((settings[name] as JsonObject)?["content"])) is { } token)
                tokens[name] = token;
        return tokens;
    }

    private static string? Text(JsonNode? node)
    {
        try
        {
            return node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        }
        catch (InvalidOperationException)
        {
            return null;   // half of a pair of surrogates is no text
        }
    }

    // What is too long for a template is not even read: the parser refuses the first part of it, for its length.
    private static string? Text(string path)
    {
        if (!File.Exists(path))
            return null;
        using var reader = new StreamReader(path);
        char[] buffer = new char[SourceText.Longest + 1];
        return new string(buffer, 0, reader.ReadBlock(buffer));
    }
}
