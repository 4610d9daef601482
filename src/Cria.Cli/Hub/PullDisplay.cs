using System.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Cria.Cli.Hub;

/// <summary>How a pull goes: a bar over all files that is redrawn in place on a screen, plain lines elsewhere.</summary>
internal sealed class PullDisplay(Terminal terminal, bool shown)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private long start, total, before, there;
    private TimeSpan lastLine;
    private ProgressTask? bar;
    private bool live;

    /// <summary>Bytes that came over the network.</summary>
    public long Fetched { get; private set; }

    /// <summary>Shows the progress of some work.</summary>
    /// <param name="total">The bytes to have at the end.</param>
    /// <param name="already">How many of them are here.</param>
    /// <param name="work">Calls the other methods as it goes.</param>
    public Task ShowAsync(long total, long already, Func<Task> work)
    {
        (start, this.total, before, there) = (Stopwatch.GetTimestamp(), total, already, already);
        if (total == 0)
            return work();
        if (already > 0)
            Note($"{Bytes.Text(already)} of {Bytes.Text(total)} are here from an earlier run.");
        live = shown && terminal.Live;
        return live ? LiveAsync(work) : work();
    }

    /// <summary>Says which file is next.</summary>
    public void Begin(HubFile file)
    {
        if (bar is not null)
            bar.Description = Markup.Escape(file.Name);
    }

    /// <summary>Counts bytes; below zero, bytes that turned out to be of no use.</summary>
    public void Arrived(long bytes)
    {
        there += bytes;
        Fetched += Math.Max(0, bytes);
        if (bar is not null)
            bar.Value = there;
        else if (shown && total > 0 && Elapsed - lastLine >= BetweenLines)
        {
            lastLine = Elapsed;
            terminal.Error.WriteLine($"{Bytes.Text(there)} of {Bytes.Text(total)}, {Rest()}");
        }
    }

    /// <summary>Says that a file has arrived.</summary>
    public void End(HubFile file)
    {
        if (shown && !live)
            terminal.Error.WriteLine($"{file.Path}  {Bytes.Text(file.Length)}");
    }

    /// <summary>Says something beside the progress.</summary>
    public void Note(string text)
    {
        if (live)
            terminal.Display.WriteLine(text);
        else
            terminal.Error.WriteLine(text);
    }

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(start);

    private Task LiveAsync(Func<Task> work) => terminal.Display.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 16 }, new PercentageColumn(), new RestColumn(this))
        .StartAsync(async context =>
        {
            bar = context.AddTask("starting", maxValue: total);
            bar.Value = there;
            await work();
        });

    private string Rest()
    {
        double perSecond = Math.Max(1, (there - before) / Math.Max(0.1, Elapsed.TotalSeconds));
        var left = TimeSpan.FromSeconds(Math.Min(1e8, (total - there) / perSecond));
        return $"{Bytes.Text((long)perSecond)}/s, {(left.TotalHours >= 1 ? $"{(int)left.TotalHours}:{left:mm\\:ss}" : $"{left:m\\:ss}")} left";
    }

    /// <summary>Sizes, speed and time left by the mean since the start.</summary>
    private sealed class RestColumn(PullDisplay display) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text($"{Bytes.Text(display.there)}/{Bytes.Text(display.total)}  {display.Rest()}") { Overflow = Overflow.Crop };
    }
}
