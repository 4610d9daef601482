using System.Text.Json;

namespace Cria.Evaluation;

/// <summary>Counts what is right in answers that are JSON objects: the share of the expected members that are there, each with the same value.</summary>
/// <remarks>An answer that is nearly right counts for something here, and for nothing in <see cref="ExactMatch"/>. Where no object is expected, the two are the same.</remarks>
public static class FieldMatch
{
    /// <summary>The mean share over all answers, from 0 to 1.</summary>
    public static double Share(IReadOnlyList<Answered> answered)
    {
        ArgumentNullException.ThrowIfNull(answered);
        return answered.Count == 0 ? 0 : answered.Average(Share);
    }

    private static double Share(Answered answer)
    {
        using var expected = Object(answer.Question.Answer);
        if (expected is null)
            return answer.IsRight ? 1 : 0;
        using var found = Object(answer.Found);
        var members = expected.RootElement.EnumerateObject().ToList();
        return found is null || members.Count == 0
            ? answer.IsRight ? 1 : 0
            : members.Count(member => HoldsSame(found.RootElement, member)) / (double)members.Count;
    }

    // A model may write texts that are none (half of a surrogate pair) and numbers whose exponents cannot be compared: those are wrong answers.
    private static bool HoldsSame(JsonElement found, JsonProperty expected)
    {
        try
        {
            return found.TryGetProperty(expected.Name, out var value) && JsonElement.DeepEquals(value, expected.Value);
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    private static JsonDocument? Object(string text)
    {
        try
        {
            var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
