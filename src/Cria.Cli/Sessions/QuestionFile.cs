using System.Text.Json;
using Cria.Evaluation;

namespace Cria.Cli.Sessions;

/// <summary>Questions with their answers: a line of JSON each, with a <c>prompt</c> and a <c>completion</c>.</summary>
internal static class QuestionFile
{
    /// <summary>Reads all of them.</summary>
    /// <exception cref="UsageException">A line is not such a record, or there is none.</exception>
    public static IReadOnlyList<Question> Read(string file)
    {
        Question[] questions = [.. File.ReadLines(file).Select((line, i) => (line, i)).Where(one => one.line.Length > 0).Select(one => Parse(file, one.line, one.i + 1))];
        return questions.Length > 0 ? questions : throw new UsageException($"{file}: holds no question.");
    }

    private static Question Parse(string file, string line, int number)
    {
        try
        {
            using var record = JsonDocument.Parse(line);
            if (record.RootElement.ValueKind == JsonValueKind.Object && Text(record.RootElement, "prompt") is { } prompt && Text(record.RootElement, "completion") is { } answer)
                return new Question(prompt, answer);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)     // half of a surrogate pair is found when it is read
        {
        }
        throw new UsageException($"{file}, line {number}: expected {{\"prompt\": \"…\", \"completion\": \"…\"}}: a question and its one right answer.");
    }

    private static string? Text(JsonElement record, string name) =>
        record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
