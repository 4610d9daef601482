using Cria.Templates;

namespace Cria.Tokenizers;

/// <summary>The chat template that comes with a model, in the language Jinja.</summary>
/// <remarks>
/// What it writes is what transformers' <c>apply_chat_template</c> writes. Special tokens are found only in what the template itself wrote, so the
/// text of a message never becomes one. Which tokens an assistant has to produce the template tells too: see <see cref="AnswerSpans"/>.
/// </remarks>
internal sealed class ModelTemplate : ChatTemplate
{
    private readonly TemplateSource source;
    private readonly JinjaTemplate usual;
    private readonly JinjaTemplate? withTools;

    public ModelTemplate(TemplateSource source)
    {
        this.source = source;
        usual = Read(source.Jinja);
        withTools = source.WithTools is { } jinja ? Read(jinja) : null;
    }

    public override string Name => Own;

    public override string ToString() => $"{Own} ({source.Name})";

    /// <summary>The text of a conversation, with the origin of every character.</summary>
    /// <param name="conversation">What to render.</param>
    /// <param name="prompt">Whether the opening of an answer follows.</param>
    /// <param name="tokenizer">Which knows the names of the tokens that begin and end a text.</param>
    /// <exception cref="JinjaException">The template fails on it.</exception>
    internal Text Render(ChatConversation conversation, bool prompt, Tokenizer tokenizer)
    {
        var template = conversation.Tools.Count > 0 && withTools is not null ? withTools : usual;
        return template.Render(ConversationValues.Of(conversation, prompt, source.Tokens, tokenizer), conversation.Now);
    }

    private protected override void Write(ChatWriter writer, ChatConversation conversation)
    {
        try
        {
            bool prompt = conversation.Messages[^1].Role != ChatRole.Assistant;
            var text = Render(conversation, prompt, writer.Tokenizer);
            var spans = new AnswerSpans(this, conversation, text, writer.Tokenizer).Find();
            Write(writer, text, spans);
        }
        catch (JinjaException wrong)
        {
            throw ChatTemplateException.Jinja(source.Name, wrong.Message);
        }
    }

    // A token spans no border of an answer: so the prompt of an answer is, token for token, how the whole begins.
    private static void Write(ChatWriter writer, Text text, IReadOnlyList<AnswerSpan> spans)
    {
        int from = 0;
        foreach (var span in spans)
        {
            Write(writer, text, from, span.Start, answer: false);
            writer.Message = span.Message;
            Write(writer, text, span.Start, span.End, answer: true);
            from = span.End;
        }
        Write(writer, text, from, text.Length, answer: false);
    }

    private static void Write(ChatWriter writer, Text text, int from, int to, bool answer)
    {
        foreach (var special in TemplateSpecials.In(text, from, to, writer.Tokenizer))
        {
            writer.Text(text.Characters.AsSpan(from, special.Start - from), answer);
            writer.Special(special.Id, answer);
            from = special.Start + special.Length;
        }
        writer.Text(text.Characters.AsSpan(from, to - from), answer);
    }

    private JinjaTemplate Read(string jinja)
    {
        try
        {
            return JinjaTemplate.Parse(jinja);
        }
        catch (JinjaException wrong)
        {
            throw ChatTemplateException.Jinja(source.Name, wrong.Message);
        }
    }
}
