using System.CommandLine;
using System.Globalization;
using Cria.Peft;

namespace Cria.Cli;

/// <summary>The model that a verb works with: MODEL, <c>--adapter</c> and the threads.</summary>
internal sealed class ModelOptions(GlobalOptions globals)
{
    public Argument<string> Model { get; } = new("MODEL")
    {
        Description = "A folder of Hugging Face's or Meta's layout, a .gguf or PyTorch file, a name in the Hugging Face cache (org/name[@revision]), or cria-tiny, the model that ships inside.",
    };

    public Option<string[]> Adapters { get; } = new("--adapter")
    {
        Description = "An adapter in any form (peft, GGUF, mlx, loralib); ADAPTER:0.5 takes half of what it adds. May be given several times.",
        HelpName = "ADAPTER",
    };

    /// <summary>How its caches are stored; only verbs that generate have it.</summary>
    public CacheArgument Cache { get; } = new();

    public Option<bool> Stream { get; } = StreamOption();

    /// <summary>Of every verb that computes with a model.</summary>
    public static Option<bool> StreamOption() => new("--stream-base")
    {
        Description = "Keep the linear layers in host memory and bring them to the card block by block: for models larger than its memory.",
    };

    /// <summary>Opens the model and attaches the adapters, in the order given.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="terminal">Where notes go.</param>
    /// <param name="attached">Is told of each adapter, with what was typed for it.</param>
    public Llama Open(ParseResult parsed, Terminal terminal, Action<string, Adapter>? attached = null)
    {
        string path = parsed.GetRequiredValue(Model);
        var llama = ModelCache.Open(path, new LlamaOptions { Device = globals.DeviceOf(parsed, terminal).Open, CacheType = Cache.Read(parsed), StreamBase = parsed.GetValue(Stream) });
        try
        {
            foreach (string adapter in parsed.GetValue(Adapters) ?? [])
            {
                var one = Attach(llama, adapter, terminal);
                attached?.Invoke(adapter, one);
            }
        }
        catch
        {
            llama.Dispose();
            throw;
        }
        if (parsed.GetValue(globals.Verbose))
            terminal.Error.WriteLine($"{llama.Name}: {llama.Model.Config.ParameterCount / 1e6:F1} M parameters, on {llama.Model.Device.Name}");
        return llama;
    }

    /// <summary>Where an adapter is that was typed as <c>PATH</c> or <c>PATH:0.5</c>.</summary>
    public static string PathOf(string typed) => ModelCache.Resolve(Split(typed).Folder);

    /// <summary>Attaches one adapter as it was typed: <c>PATH</c> or <c>PATH:0.5</c>.</summary>
    public static Adapter Attach(Llama llama, string typed, Terminal terminal)
    {
        var (path, scale) = Split(typed);
        Adapter adapter = llama.LoadAdapter(ModelCache.Resolve(path));
        adapter.Scale = scale;
        if (adapter.Note is { } note)
            terminal.Error.WriteLine(note);
        return adapter;
    }

    /// <summary>Takes the factor off <c>path:0.5</c>. A colon that no number follows belongs to the path, as in C:\adapter.</summary>
    internal static (string Folder, float Scale) Split(string typed)
    {
        int colon = typed.LastIndexOf(':');
        return colon > 0 && float.TryParse(typed[(colon + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out float scale) && float.IsFinite(scale)
            ? (typed[..colon], scale)
            : (typed, 1);
    }
}
