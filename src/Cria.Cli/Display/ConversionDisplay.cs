using System.Diagnostics;
using Cria.Conversion;

namespace Cria.Cli.Display;

/// <summary>How far a conversion is, with speed and time left: one line that is written over on a screen, a line now and then elsewhere.</summary>
internal sealed class ConversionDisplay(Terminal terminal) : IProgress<ConversionProgress>
{
    private const int BarWidth = 24;
    private static readonly TimeSpan OnScreen = TimeSpan.FromSeconds(0.1), Elsewhere = TimeSpan.FromSeconds(2);

    private readonly long start = Stopwatch.GetTimestamp();
    private TimeSpan last;
    private int width;

    public void Report(ConversionProgress value)
    {
        var elapsed = Stopwatch.GetElapsedTime(start);
        if (elapsed - last < (terminal.Live ? OnScreen : Elsewhere))
            return;
        last = elapsed;
        string line = Line(value, elapsed);
        if (terminal.Live)
            terminal.Error.Write($"\r{line.PadRight(width)}");
        else
            terminal.Error.WriteLine(line);
        width = line.Length;
    }

    /// <summary>Leaves the screen as it was.</summary>
    public void End()
    {
        if (width > 0 && terminal.Live)
            terminal.Error.Write($"\r{new string(' ', width)}\r");
    }

    private static string Line(ConversionProgress at, TimeSpan elapsed)
    {
        double share = (double)at.Done / Math.Max(1, at.Total), speed = at.Done / elapsed.TotalSeconds;
        string bar = new string('#', (int)(share * BarWidth)).PadRight(BarWidth, '.');
        return $"[{bar}] {share,4:P0}  {speed / 1e6,6:F1} M numbers/s  {Clock(elapsed * ((1 - share) / Math.Max(share, 1e-9)))} left  {at.Tensor}";
    }

    private static string Clock(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{time:m\\:ss}";
}
