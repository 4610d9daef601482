namespace Cria.Cli.Chat;

/// <summary>What Ctrl-C does in a conversation: it stops the answer. Between answers it tells how to leave; where nobody types, it leaves.</summary>
internal sealed class ChatInterrupts : IDisposable
{
    private readonly Terminal terminal;
    private readonly Lock turn = new();
    private CancellationTokenSource? answer;

    public ChatInterrupts(Terminal terminal)
    {
        this.terminal = terminal;
        terminal.Interrupted = Interrupt;
    }

    /// <summary>Whether the conversation is to end.</summary>
    public bool Ended { get; private set; }

    /// <summary>An answer begins: Ctrl-C cancels this token.</summary>
    public CancellationToken Begin(CancellationToken stop)
    {
        lock (turn)
            return (answer = CancellationTokenSource.CreateLinkedTokenSource(stop)).Token;
    }

    /// <summary>The answer is over.</summary>
    public void End()
    {
        lock (turn)
        {
            answer?.Dispose();
            answer = null;
        }
    }

    public void Dispose()
    {
        terminal.Interrupted = null;
        End();
    }

    private bool Interrupt()
    {
        lock (turn)
        {
            bool answering = answer is not null;
            answer?.Cancel();
            Ended |= answering && !terminal.Typed;
            if (!answering && terminal.Typed)
                terminal.Error.Write($"{Environment.NewLine}/bye or Ctrl-D leaves.{Environment.NewLine}>>> ");
            return answering || terminal.Typed;
        }
    }
}
