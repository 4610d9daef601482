using System.Globalization;
using System.Text;
using Cria.Tokenizers;

namespace CriaTiny.Tools;

/// <summary>What the preparation made, in numbers, as a Markdown page.</summary>
internal static class CountsPage
{
    public static void Write(string path, IEnumerable<KeyValuePair<string, string[]>> parts, Tokenizer tokenizer, IEnumerable<Book> classics)
    {
        var page = new StringBuilder("| part | passages | bytes | tokens | bytes per token |\n|---|---|---|---|---|\n");
        foreach (var (name, passages) in parts)
        {
            long bytes = passages.Sum(p => (long)Encoding.UTF8.GetByteCount(p));
            long tokens = passages.Sum(p => (long)tokenizer.Encode(p).Length);
            double perToken = (double)bytes / tokens;
            page.Append(CultureInfo.InvariantCulture, $"| {name} | {passages.Length:N0} | {bytes:N0} | {tokens:N0} | {perToken:F2} |\n");
        }

        page.Append('\n').Append(SampleTaskLines(tokenizer)).Append("\n\nClassics, simplest first:\n\n");
        page.AppendJoin('\n', classics.Select(b => $"- {b.Author}, {b.Title}")).Append('\n');
        File.WriteAllText(path, page.ToString());
    }

    private static string SampleTaskLines(Tokenizer tokenizer)
    {
        var records = SampleTask.Records();
        int[] prompts = [.. records.Select(r => tokenizer.Encode(r.Prompt).Length)];
        int[] completions = [.. records.Select(r => tokenizer.Encode(r.Completion).Length)];
        int train = prompts.Zip(completions, (p, c) => p + c).Take(SampleTask.TrainRecords).Sum();
        string[] values = [.. SampleTask.Names, .. SampleTask.Things, .. SampleTask.Colors, "who", "what", "count", "color"];
        string[] split = [.. values.SelectMany(v => new[] { v, " " + v }).Where(v => tokenizer.Encode(v).Length > 1).Select(v => $"\"{v}\"")];
        return string.Create(CultureInfo.InvariantCulture, $"""
            Sample task: prompts of {prompts.Average():F1} tokens (at most {prompts.Max()}), completions of
            {completions.Average():F1} (at most {completions.Max()}), {train:N0} tokens in the train part.
            Values and keys of more than one token: {(split.Length == 0 ? "none" : string.Join(", ", split))}.
            """);
    }
}
