using Cria.Tokenizers;

namespace Cria.Cli.Chat;

/// <summary>What a user can type instead of a message, behind a slash. This list is the catalogue: one line adds a command.</summary>
internal sealed class ChatCommands
{
    private readonly Llama llama;
    private readonly Conversation conversation;
    private readonly Terminal terminal;
    private readonly Func<ChatTemplate> template;
    private readonly (string Name, string Use, Action<string> Run)[] all;

    /// <param name="llama">The model.</param>
    /// <param name="conversation">What the commands change.</param>
    /// <param name="terminal">Where they answer.</param>
    /// <param name="template">Chooses the template anew after the adapters changed.</param>
    public ChatCommands(Llama llama, Conversation conversation, Terminal terminal, Func<ChatTemplate> template)
    {
        (this.llama, this.conversation, this.terminal, this.template) = (llama, conversation, terminal, template);
        all =
        [
            ("/help", "this list", _ => Help()),
            ("/clear", "begin a new conversation", _ => conversation.Clear()),
            ("/system", "TEXT: set the system message; without TEXT show it; /system none takes it away", System),
            ("/save", "FILE: write the conversation, as a record to train on", Save),
            ("/load", "FILE: go on with a conversation", Load),
            ("/set", "NAME VALUE: change how answers are chosen; without NAME show all", Set),
            ("/adapter", "PATH[:SCALE]: attach an adapter; without PATH list them; /adapter off takes all away", ChangeAdapters),
            ("/bye", "leave (so does Ctrl-D)", _ => Ended = true),
        ];
    }

    /// <summary>Whether the user said goodbye.</summary>
    public bool Ended { get; private set; }

    /// <summary>Runs a line that begins with a slash.</summary>
    /// <exception cref="UsageException">There is no such command, or it cannot be done so.</exception>
    public void Run(string line)
    {
        int space = line.IndexOfAny([' ', '\n']);
        var (name, rest) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..].Trim());
        name = name switch { "/?" => "/help", "/exit" or "/quit" => "/bye", _ => name };
        if (all.FirstOrDefault(command => command.Name == name).Run is { } run)
            run(rest);
        else
            throw new UsageException($"{name}: there is no such command.{(ClosestWord.To(name, all.Select(command => command.Name)) is { } closest ? $" Did you mean {closest}?" : " /help lists them.")}");
    }

    private void Say(string text) => terminal.Error.WriteLine(text);

    private void Help()
    {
        var columns = new Columns();
        foreach (var (name, use, _) in all)
            columns.Add(name, use);
        columns.Add("\"\"\"", "begins and ends a message of several lines");
        columns.Add("Ctrl-C", "stops an answer");
        columns.Write(terminal.Error);
    }

    private void System(string text)
    {
        if (text.Length == 0)
            Say(conversation.System ?? "There is no system message.");
        else
            conversation.System = text == "none" ? null : text;
    }

    private void Save(string path)
    {
        ChatFile.Save(Named(path, "/save"), conversation.Messages);
        Say($"Saved {conversation.Messages.Count} messages to {path}.");
    }

    private void Load(string path)
    {
        conversation.Load(ChatFile.Load(Named(path, "/load")));
        Say($"Loaded {conversation.Messages.Count} messages from {path}.");
    }

    private void Set(string text)
    {
        string[] words = text.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 0)
        {
            Say(ChatSettings.Show(conversation.Sampling));
            return;
        }
        conversation.Sampling = ChatSettings.Set(conversation.Sampling, words[0], words.Length > 1 ? words[1] : "");
        conversation.Unbounded &= words[0] != "max-tokens";
    }

    private void ChangeAdapters(string typed)
    {
        if (typed.Length == 0)
        {
            Say(conversation.Adapters.Count == 0 ? "There is no adapter." : string.Join(Environment.NewLine, conversation.Adapters.Select(one => one.Typed)));
            return;
        }
        if (typed == "off")
        {
            foreach (var (_, adapter) in conversation.Adapters.AsEnumerable().Reverse())
                adapter.Detach();
            conversation.Adapters.Clear();
        }
        else
        {
            conversation.Adapters.Add((typed, ModelOptions.Attach(llama, typed, terminal)));
        }
        conversation.Forget();
        conversation.Template = template();
    }

    private static string Named(string path, string command) => path.Length > 0 ? path : throw new UsageException($"{command}: name a file.");
}
