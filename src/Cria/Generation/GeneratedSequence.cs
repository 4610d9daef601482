using System.Text;
using Cria.Tokenizers;

namespace Cria.Generation;

/// <summary>What follows one prompt.</summary>
public sealed class GeneratedSequence
{
    private readonly Tokenizer tokenizer;
    private readonly SamplingOptions options;
    private readonly Sampler sampler;
    private readonly TokenStream stream;
    private readonly List<int> tokens = [];
    private readonly StringBuilder text = new();
    private int shown;

    internal GeneratedSequence(Tokenizer tokenizer, SamplingOptions options, IReadOnlyList<int> prompt)
    {
        if (prompt.Count == 0)
            throw new ArgumentException("A prompt needs at least one token.", nameof(prompt));
        (this.tokenizer, this.options, sampler, stream) = (tokenizer, options, new Sampler(options), tokenizer.CreateStream(continues: true));
        foreach (int token in prompt)
            sampler.Remember(token);
    }

    /// <summary>The chosen tokens, the one that ended the text included.</summary>
    public IReadOnlyList<int> Tokens => tokens;

    /// <summary>The text, without a stop string.</summary>
    public string Text => text.ToString();

    /// <summary>Why it ended; null while it goes on.</summary>
    public FinishReason? Finish { get; private set; }

    /// <summary>What chooses its tokens.</summary>
    internal Sampler Sampler => sampler;

    internal GeneratedToken Next(Outlook outlook)
    {
        int token = sampler.Next(outlook);
        tokens.Add(token);
        if (tokenizer.EndOfText.Contains(token))
            Finish = FinishReason.EndOfText;
        else
            text.Append(stream.Add(token));
        if (Finish is null && tokens.Count >= options.MaxTokens)
            Finish = FinishReason.Length;
        if (Finish is not null)
            text.Append(stream.Flush());
        CutAtStopString();
        return new GeneratedToken(token, Release());
    }

    private void CutAtStopString()
    {
        string all = text.ToString(shown, text.Length - shown);
        int cut = options.Stop.Select(stop => all.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (cut < 0)
            return;
        text.Length = shown + cut;
        Finish = FinishReason.StopString;
    }

    /// <summary>The text that can be shown now: all but an end that may become a stop string.</summary>
    private string Release()
    {
        string all = text.ToString(shown, text.Length - shown);
        int held = Finish is not null ? 0 : options.Stop.Select(stop => Overlap(all, stop)).DefaultIfEmpty(0).Max();
        shown += all.Length - held;
        return all[..^held];
    }

    private static int Overlap(string text, string stop)
    {
        for (int length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
        {
            if (text.EndsWith(stop[..length], StringComparison.Ordinal))
                return length;
        }
        return 0;
    }
}
