using Cria.Templates;

namespace Cria.Tokenizers;

/// <summary>The special tokens in a rendered text: names that stand, to the last character, in what the template wrote.</summary>
internal static class TemplateSpecials
{
    public static IEnumerable<(int Start, int Length, int Id)> In(Text text, int from, int to, Tokenizer tokenizer)
    {
        foreach (var (start, end) in TemplateParts(text, from, to))
        {
            int at = start;
            while (tokenizer.SpecialFinder.Find(text.Characters.AsSpan(at, end - at)) is { } found)
            {
                yield return (at + found.Start, found.Length, found.Id);
                at += found.Start + found.Length;
            }
        }
    }

    // Runs that differ only in whether they are generated belong together.
    private static IEnumerable<(int Start, int End)> TemplateParts(Text text, int from, int to)
    {
        int runStart = 0, partStart = -1;
        foreach (var run in text.Runs.ToArray())
        {
            if (!run.Origin.IsTemplate && partStart >= 0)
            {
                yield return (Math.Max(partStart, from), Math.Min(runStart, to));
                partStart = -1;
            }
            else if (run.Origin.IsTemplate && run.End > from && runStart < to && partStart < 0)
            {
                partStart = runStart;
            }
            runStart = run.End;
        }
        if (partStart >= 0)
            yield return (Math.Max(partStart, from), Math.Min(runStart, to));
    }
}
