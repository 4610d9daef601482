namespace Cria.Tokenizers;

/// <summary>How a conversation becomes tokens, for training and for generation alike. The list below is the catalogue.</summary>
/// <remarks>
/// Only a template puts special tokens into the result; the text of messages is encoded as text, whatever it says. What
/// <see cref="RenderPrompt(Tokenizer, ChatConversation)"/> gives for a question is, token for token, how <see cref="Render(Tokenizer, ChatConversation)"/>
/// begins for that question and its answer: a model is asked exactly as it was trained.
/// </remarks>
public abstract class ChatTemplate
{
    /// <summary>What recipes call the template that comes with the model.</summary>
    public const string Own = "model";

    private protected ChatTemplate()
    {
    }

    /// <summary>For base models: the messages as they are, the end-of-text token after each answer.</summary>
    public static ChatTemplate None { get; } = new NoTemplate();

    /// <summary>The instruction format of Stanford Alpaca, as LLaMA-Adapter writes it.</summary>
    public static ChatTemplate Alpaca { get; } = new AlpacaTemplate("alpaca", end: "");

    /// <summary>The same as QLoRA writes it: a space follows the last colon of the prompt.</summary>
    public static ChatTemplate AlpacaQlora { get; } = new AlpacaTemplate("alpaca-qlora", end: " ");

    /// <summary>The chat format of Llama 2.</summary>
    public static ChatTemplate Llama2 { get; } = new Llama2Template();

    /// <summary>The chat format of Llama 3, and of its successors in Meta's reference code.</summary>
    public static ChatTemplate Llama3 { get; } = new Llama3Template();

    /// <summary>The chat format of Llama 3.1, as on Hugging Face: with dates, and tools that are called with JSON.</summary>
    public static ChatTemplate Llama31 { get; } = new Llama31Template();

    /// <summary>The chat format of Llama 3.2: as on Hugging Face, with tools as in Meta's reference code, called in Python's way.</summary>
    public static ChatTemplate Llama32 { get; } = new Llama32Template("llama3.2", today: true);

    /// <summary>The chat format of Llama 3.3: as that of 3.2, but with a date that stays.</summary>
    public static ChatTemplate Llama33 { get; } = new Llama32Template("llama3.3", today: false);

    /// <summary>The chat format of Llama 4, as on Hugging Face.</summary>
    public static ChatTemplate Llama4 { get; } = new Llama4Template();

    /// <summary>Every template, in the order in which help texts name them.</summary>
    public static IReadOnlyList<ChatTemplate> All { get; } = [None, Alpaca, AlpacaQlora, Llama2, Llama3, Llama31, Llama32, Llama33, Llama4];

    /// <summary>The name that recipes and messages use, such as <c>llama3</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Why a model's own template is not the one that is used, or cannot be; null where all is well.</summary>
    public virtual string? Warning => null;

    /// <summary>The template of that name, or null.</summary>
    public static ChatTemplate? Parse(string name) =>
        All.FirstOrDefault(template => string.Equals(template.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The template that a model brings along, in the language Jinja.</summary>
    /// <param name="jinja">Its text.</param>
    /// <param name="sourceName">Where it was found, for messages.</param>
    /// <exception cref="ChatTemplateException">It cannot be read: the message names line and column.</exception>
    public static ChatTemplate Parse(string jinja, string sourceName)
    {
        ArgumentNullException.ThrowIfNull(jinja);
        ArgumentNullException.ThrowIfNull(sourceName);
        return new ModelTemplate(new TemplateSource(sourceName, jinja));
    }

    /// <summary>The built-in template that a model's own Jinja template (<c>chat_template</c>) amounts to, told by the marks it writes; or null.</summary>
    public static ChatTemplate? Recognize(string jinja)
    {
        ArgumentNullException.ThrowIfNull(jinja);
        if (jinja.Contains("<|header_start|>", StringComparison.Ordinal))
            return Llama4;
        if (jinja.Contains("<|start_header_id|>", StringComparison.Ordinal))
            return !jinja.Contains("Cutting Knowledge Date", StringComparison.Ordinal) ? Llama3 : jinja.Contains("strftime_now", StringComparison.Ordinal) ? Llama32 : Llama31;
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

    /// <summary>Writes as this template for another.</summary>
    internal void WriteFor(ChatWriter writer, ChatConversation conversation) => Write(writer, conversation);

    /// <summary>Writes the messages and, where the last is no answer, what opens one.</summary>
    private protected abstract void Write(ChatWriter writer, ChatConversation conversation);

    /// <summary>Checks that after an optional system message user and assistant take turns, and takes the system message off.</summary>
    /// <returns>The turns, each with its index among the messages.</returns>
    private protected IEnumerable<(int Index, ChatMessage Message)> Turns(IReadOnlyList<ChatMessage> messages, out string? system)
    {
        int first = messages[0].Role == ChatRole.System ? 1 : 0;
        system = first == 1 ? messages[0].Text : null;
        for (int i = first; i < messages.Count || i == first; i++)
        {
            var expected = (i - first) % 2 == 0 ? ChatRole.User : ChatRole.Assistant;
            if (i == messages.Count || messages[i].Role != expected)
                throw ChatTemplateException.Order(Name, Math.Min(i, messages.Count - 1) + 1, expected, messages[Math.Min(i, messages.Count - 1)].Role);
        }
        return messages.Index().Skip(first);
    }

    /// <summary>For templates without a place for tools: leaving them out would change what is asked.</summary>
    private protected void RefuseTools(ChatConversation conversation)
    {
        if (conversation.Tools.Count > 0 || conversation.Messages.Any(message => message.ToolCalls.Count > 0))
            throw ChatTemplateException.NoTools(Name);
    }
}
