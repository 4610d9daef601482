using Cria.Generation;
using Cria.Peft;
using Cria.Tokenizers;

namespace Cria.Cli.Chat;

/// <summary>One answer of a conversation.</summary>
/// <param name="Text">What the model said.</param>
/// <param name="Tokens">How many tokens that took.</param>
/// <param name="PromptTokens">How many stood before it.</param>
/// <param name="TokensRead">How many of those were new to the model.</param>
/// <param name="Interrupted">Whether somebody stopped it.</param>
internal sealed record ChatAnswer(string Text, int Tokens, int PromptTokens, int TokensRead, bool Interrupted);

/// <summary>A conversation with a model: its messages, its settings, and what the model remembers of it.</summary>
internal sealed class Conversation(Llama llama, ChatTemplate template, int context, TimeProvider clock) : IDisposable
{
    private readonly GenerationSession session = new(llama.Model, llama.Tokenizer);
    private readonly List<ChatMessage> messages = [];
    private int first;   // of the messages that still fit into the context, the system message aside

    public ChatTemplate Template { get; set; } = template;

    public required SamplingOptions Sampling { get; set; }

    /// <summary>Whether an answer may take all the room there is, and not only <see cref="SamplingOptions.MaxTokens"/>.</summary>
    public bool Unbounded { get; set; }

    public string? System { get; set; }

    public List<(string Typed, Adapter Adapter)> Adapters { get; } = [];

    /// <summary>All that was said, the system message first.</summary>
    public IReadOnlyList<ChatMessage> Messages => System is null ? messages : [new ChatMessage(ChatRole.System, System), .. messages];

    /// <summary>Begins anew; the system message stays.</summary>
    public void Clear()
    {
        messages.Clear();
        first = 0;
    }

    /// <summary>Goes on from another conversation.</summary>
    public void Load(IReadOnlyList<ChatMessage> others)
    {
        Clear();
        System = others is [{ Role: ChatRole.System } system, ..] ? system.Text : null;
        messages.AddRange(others.Skip(System is null ? 0 : 1));
    }

    /// <summary>The model has changed: what it remembers is of no use.</summary>
    public void Forget() => session.Clear();

    /// <summary>Asks, and passes the answer on piece by piece. If that fails, the question is taken back.</summary>
    /// <param name="question">What to ask.</param>
    /// <param name="write">Takes each piece of the answer.</param>
    /// <param name="warn">Is told if the oldest messages no longer fit.</param>
    /// <param name="stop">Ends the answer; what came of it stays.</param>
    public ChatAnswer Ask(string question, Action<string> write, Action<string> warn, CancellationToken stop)
    {
        messages.Add(new ChatMessage(ChatRole.User, question));
        try
        {
            int[] prompt = Fitting(warn);
            var answer = Answer(prompt, write, stop);
            messages.Add(new ChatMessage(ChatRole.Assistant, answer.Text));
            return answer;
        }
        catch
        {
            messages.RemoveAt(messages.Count - 1);
            first = Math.Min(first, messages.Count);
            throw;
        }
    }

    public void Dispose() => session.Dispose();

    private ChatAnswer Answer(int[] prompt, Action<string> write, CancellationToken stop)
    {
        int room = context - prompt.Length;
        var options = Sampling with { MaxTokens = Unbounded ? room : Math.Min(room, Sampling.MaxTokens) };
        var text = new global::System.Text.StringBuilder();
        int count = 0;
        foreach (var token in session.Stream(prompt, options, stop))
        {
            text.Append(token.Text);
            write(token.Text);
            count++;
        }
        return new ChatAnswer(text.ToString(), count, prompt.Length, session.TokensRead, stop.IsCancellationRequested);
    }

    /// <summary>The prompt, without the oldest turns where the context is full: a quarter of it, or what an answer may take, is kept free.</summary>
    private int[] Fitting(Action<string> warn)
    {
        int free = Math.Max(1, Unbounded ? context / 4 : Math.Min(Sampling.MaxTokens, context / 4));
        int before = first;
        int[] prompt = Prompt();
        while (prompt.Length > context - free && NextTurn() is { } next)
        {
            first = next;
            prompt = Prompt();
        }
        if (prompt.Length >= context)
            throw new UsageException($"The message and what must stand before it take {prompt.Length} tokens; {llama.Name} takes {context} in all.");
        if (first > before)
            warn($"The context of {context} tokens is full: the oldest {first} messages are left out from here on.");
        return prompt;
    }

    // A conversation begins with a question.
    private int? NextTurn()
    {
        int next = messages.FindIndex(first + 1, message => message.Role == ChatRole.User);
        return next > first ? next : null;
    }

    private int[] Prompt()
    {
        IEnumerable<ChatMessage> kept = messages.Skip(first);
        if (System is not null)
            kept = kept.Prepend(new ChatMessage(ChatRole.System, System));
        return Template.RenderPrompt(llama.Tokenizer, new ChatConversation([.. kept]) { Now = clock.GetLocalNow() });
    }
}
