using Cria.Templates;

namespace Cria.Tokenizers;

/// <summary>A part of a rendered text that an assistant has to produce.</summary>
internal readonly record struct AnswerSpan(int Message, int Start, int End);

/// <summary>Finds in a rendered conversation what the assistant has to produce, from what the template itself says.</summary>
/// <remarks>
/// A template with <c>{% generation %}</c> blocks says it outright. Otherwise an answer begins where the prompt for it ends: that is the template rendered over
/// the messages before it. It ends behind its last special token, as the template shows when it is rendered up to this answer. A template that writes a
/// finished turn in another way than an open one (one that drops earlier thoughts, say) has no such places: there an answer is what stands of its own text, and
/// the token that ends it.
/// </remarks>
internal sealed class AnswerSpans(ModelTemplate template, ChatConversation conversation, Text text, Tokenizer tokenizer)
{
    private bool? endsOpen;

    public IReadOnlyList<AnswerSpan> Find()
    {
        if (text.Runs.ToArray().Any(run => run.Origin.Generated))
            return Marked();
        var spans = new List<AnswerSpan>();
        int from = 0;
        for (int i = 0; i < conversation.Messages.Count; i++)
        {
            if (conversation.Messages[i].Role != ChatRole.Assistant || Of(i) is not { } span || span.Start < from || span.End <= span.Start)
                continue;
            spans.Add(span);
            from = span.End;
        }
        return spans;
    }

    /// <summary>The blocks that the template marks, each with the message that stands in it; one without any text of a message goes with the answer it follows.</summary>
    private List<AnswerSpan> Marked()
    {
        var spans = new List<AnswerSpan>();
        int start = 0, message = -1;
        foreach (var run in text.Runs)
        {
            if (run.Origin.Source > 0)
                message = run.Origin.Source - 1;
            if (!run.Origin.Generated)
                message = -1;
            else if (spans is [.., var last] && last.End == start)
                spans[^1] = new(Math.Max(last.Message, message), last.Start, run.End);
            else
                spans.Add(new(message, start, run.End));
            start = run.End;
        }
        return [.. spans.Select((span, i) => span.Message >= 0 ? span : span with { Message = Answer(i) })];
    }

    private int Answer(int number) => conversation.Messages.Index().Where(message => message.Item.Role == ChatRole.Assistant).Select(message => message.Index)
        .ElementAtOrDefault(number);

    private AnswerSpan? Of(int message)
    {
        var (first, last) = OwnText(message);
        int start = Prefix(Rendered(message, prompt: true)) ?? first;
        if (start < 0)
            return null;
        int content = Math.Max(start, last);
        int? turn = Prefix(Rendered(message + 1, prompt: false));
        if (turn is { } end && end >= content && EndsOpen)
            return new(message, start, BehindSpecial(content, end, anywhere: true) ?? end);
        return new(message, start, BehindSpecial(content, NextMessage(content, message), anywhere: false) ?? content);
    }

    // Whether asking for the opening of an answer makes a difference. Some templates always open one.
    private bool EndsOpen => endsOpen ??= Rendered(conversation.Messages.Count, prompt: true)?.Characters != Rendered(conversation.Messages.Count, prompt: false)?.Characters;

    private Text? Rendered(int messages, bool prompt)
    {
        try
        {
            return messages == 0 ? null : template.Render(conversation.Take(messages), prompt, tokenizer);
        }
        catch (JinjaException)
        {
            return null;   // there are conversations that the template refuses until they are longer
        }
    }

    private int? Prefix(Text? beginning) => beginning is not null && text.Characters.StartsWith(beginning.Characters, StringComparison.Ordinal) ? beginning.Length : null;

    /// <summary>Where the text of a message first and last stands: from its first character to behind its last; −1 where it is absent.</summary>
    private (int First, int End) OwnText(int message)
    {
        int first = -1, end = -1, start = 0;
        foreach (var run in text.Runs)
        {
            if (run.Origin.Source == message + 1)
                (first, end) = (first < 0 ? start : first, run.End);
            start = run.End;
        }
        return (first, end);
    }

    private int NextMessage(int from, int message)
    {
        int start = 0;
        foreach (var run in text.Runs)
        {
            if (start >= from && run.Origin.Source > 0 && run.Origin.Source != message + 1)
                return start;
            start = run.End;
        }
        return text.Length;
    }

    /// <summary>The end of the last special token of a part; or of the first, best of the first that ends an answer.</summary>
    private int? BehindSpecial(int from, int to, bool anywhere)
    {
        var found = TemplateSpecials.In(text, from, to, tokenizer).ToList();
        if (found.Count == 0)
            return null;
        var (start, length, _) = anywhere ? found[^1] : found.FirstOrDefault(special => tokenizer.EndOfText.Contains(special.Id), found[0]);
        return start + length;
    }
}
