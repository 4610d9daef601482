using System.Text.Json.Nodes;
using Cria.Templates;

namespace Cria.Tests.Templates;

/// <summary>What Jinja2 made of snippets and conversations: see tests/fixtures/PROVENANCE.md.</summary>
internal static class Snippets
{
    /// <summary>The date that <c>strftime_now</c> told there.</summary>
    public static readonly DateTimeOffset Now = new(2025, 3, 7, 9, 5, 4, TimeSpan.Zero);

    public static JsonArray Read(string name) => JsonNode.Parse(File.ReadAllText(TestData.Fixture($"templates/{name}.json")))!.AsArray();

    /// <summary>The output of a template, or null where it fails.</summary>
    public static string? Render(string template, JsonNode variables)
    {
        try
        {
            return JinjaTemplate.Parse(template).Render(Variables(variables), Now).Characters;
        }
        catch (JinjaException)
        {
            return null;
        }
    }

    public static IEnumerable<KeyValuePair<string, Value>> Variables(JsonNode variables) =>
        variables.AsObject().Select(pair => KeyValuePair.Create(pair.Key, JsonValues.Read(pair.Value, Origin.Data)));
}
