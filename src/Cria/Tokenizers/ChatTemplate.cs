namespace Cria.Tokenizers;

/// <summary>How a conversation becomes tokens, for training and for generation alike. The list below is the catalogue.</summary>
/// <remarks>
/// Only a template puts special tokens into the result; the text of messages is encoded as text, whatever it says. What
/// <see cref="RenderPrompt(Tokenizer, ChatConversation)"/> gives for a question is, token for token, how <see cref="Render(Tokenizer, ChatConversation)"/>
/// begins for that question and its answer: a model is asked exactly as it was trained.
/// </remarks>
public abstract class ChatTemplate
{
    private protected ChatTemplate()
    {
    }

    /// <summary>For base models: the messages as they are, the end-of-text token after each answer.</summary>
    public static ChatTemplate None { get; } = new NoTemplate();

    /// <summary>The instruction format of Stanford Alpaca.</summary>
    public static ChatTemplate Alpaca { get; } = new AlpacaTemplate();

    /// <summary>The chat format of Llama 2.</summary>
    public static ChatTemplate Llama2 { get; } = new Llama2Template();

    /// <summary>The chat format of Llama 3, 3.1, 3.2 and 3.3.</summary>
    public static ChatTemplate Llama3 { get; } = new Llama3Template();

    /// <summary>Every template, in the order in which help texts name them.</summary>
    public static IReadOnlyList<ChatTemplate> All { get; } = [None, Alpaca, Llama2, Llama3];

    /// <summary>The name that recipes and messages use, such as <c>llama3</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The template of that name, or null.</summary>
    public static ChatTemplate? Parse(string name) =>
        All.FirstOrDefault(template => string.Equals(template.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The built-in template that a model's own Jinja template (<c>chat_template</c>) amounts to, told by the marks it writes; or null.</summary>
    public static ChatTemplate? Recognize(string jinja)
    {
        ArgumentNullException.ThrowIfNull(jinja);
        if (jinja.Contains("<|start_header_id|>", StringComparison.Ordinal))
            return Llama3;
        if (jinja.Contains("[INST]", StringComparison.Ordinal) && jinja.Contains("<<SYS>>", StringComparison.Ordinal))
            return Llama2;
        return jinja.Contains("### Response:", StringComparison.Ordinal) ? Alpaca : null;
    }

    /// <summary>A whole conversation, with the tokens marked that an assistant has to produce.</summary>
    /// <exception cref="ChatTemplateException">The messages or the vocabulary do not fit the template.</exception>
    public RenderedChat Render(Tokenizer tokenizer, ChatConversation conversation)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(conversation);
        if (conversation.Messages.Count == 0)
            throw ChatTemplateException.NoMessages();
        var writer = new ChatWriter(tokenizer, Name);
        Write(writer, conversation);
        return writer.Rendered();
    }

    /// <inheritdoc cref="Render(Tokenizer, ChatConversation)"/>
    public RenderedChat Render(Tokenizer tokenizer, IReadOnlyList<ChatMessage> messages) => Render(tokenizer, new ChatConversation(messages));

    /// <summary>A conversation up to the place where the assistant's next answer begins: what generation continues.</summary>
    /// <exception cref="ChatTemplateException">The messages or the vocabulary do not fit the template, or the last message is an answer.</exception>
    public int[] RenderPrompt(Tokenizer tokenizer, ChatConversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        if (conversation.Messages is [.., { Role: ChatRole.Assistant }])
            throw ChatTemplateException.Ended();
        return Render(tokenizer, conversation).Tokens;
    }

    /// <inheritdoc cref="RenderPrompt(Tokenizer, ChatConversation)"/>
    public int[] RenderPrompt(Tokenizer tokenizer, IReadOnlyList<ChatMessage> messages) => RenderPrompt(tokenizer, new ChatConversation(messages));

    /// <summary>One question, up to the place where its answer begins.</summary>
    /// <exception cref="ChatTemplateException">The text or the vocabulary does not fit the template.</exception>
    public int[] RenderPrompt(Tokenizer tokenizer, string question) => RenderPrompt(tokenizer, [new ChatMessage(ChatRole.User, question)]);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Writes the messages and, where the last is no answer, what opens one.</summary>
    private protected abstract void Write(ChatWriter writer, ChatConversation conversation);

    /// <summary>Checks that after an optional system message user and assistant take turns, and takes the system message off.</summary>
    private protected IEnumerable<ChatMessage> Turns(IReadOnlyList<ChatMessage> messages, out string? system)
    {
        int first = messages[0].Role == ChatRole.System ? 1 : 0;
        system = first == 1 ? messages[0].Text : null;
        for (int i = first; i < messages.Count || i == first; i++)
        {
            var expected = (i - first) % 2 == 0 ? ChatRole.User : ChatRole.Assistant;
            if (i == messages.Count || messages[i].Role != expected)
                throw ChatTemplateException.Order(Name, Math.Min(i, messages.Count - 1) + 1, expected, messages[Math.Min(i, messages.Count - 1)].Role);
        }
        return messages.Skip(first);
    }
}
