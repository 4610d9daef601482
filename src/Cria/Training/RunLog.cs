using System.Buffers;
using System.Text.Json;
using Cria.Checkpoints;

namespace Cria.Training;

/// <summary><c>log.jsonl</c>: one object a step, readable while the run goes on.</summary>
internal sealed class RunLog(string path)
{
    /// <summary>Adds a line.</summary>
    public void Add(TrainingStep step)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
            step.WriteTo(json);
        line.Write("\n"u8);
        try
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            file.Write(line.WrittenSpan);
        }
        catch (Exception because) when (because is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotWrite(path, because);
        }
    }

    /// <summary>Keeps the lines up to a step; a line that a killed process left unfinished goes too.</summary>
    public void CutAfter(int step)
    {
        if (!File.Exists(path))
            return;
        string[] kept = [.. File.ReadLines(path).Where(line => StepOf(line) is { } number && number <= step)];
        AtomicFile.Write(path, file =>
        {
            using var writer = new StreamWriter(file, leaveOpen: true) { NewLine = "\n" };
            foreach (string line in kept)
                writer.WriteLine(line);
        });
    }

    private static int? StepOf(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("step", out var step)
                && step.ValueKind == JsonValueKind.Number && step.TryGetInt32(out int number) ? number : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
