using System.Diagnostics;
using Cria.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Cria.Cli.Display;

/// <summary>How a run goes: a bar that is redrawn in place on a screen, plain lines elsewhere.</summary>
internal sealed class TrainingDisplay(Terminal terminal, int done, int steps)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    private readonly long start = Stopwatch.GetTimestamp();
    private readonly int doneBefore = done;
    private TimeSpan lastLine = -BetweenLines;

    /// <summary>The newest step.</summary>
    public TrainingStep? Last { get; private set; }

    /// <summary>Shows every step as it comes.</summary>
    public Task ShowAsync(IAsyncEnumerable<TrainingStep> run) => terminal.Live ? LiveAsync(run) : PlainAsync(run);

    private async Task PlainAsync(IAsyncEnumerable<TrainingStep> run)
    {
        await foreach (var step in run)
        {
            Last = step;
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed - lastLine < BetweenLines && step.ValidationLoss is null && step.Step != steps)
                continue;
            lastLine = elapsed;
            terminal.Error.WriteLine($"step {step.Step}/{steps}  {Losses(step)}  {step.TokensPerSecond:F0} tokens/s  {Clock(TimeLeft(step.Step, elapsed))} left");
        }
    }

    private Task LiveAsync(IAsyncEnumerable<TrainingStep> run) => terminal.Display.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 16 }, new PercentageColumn(), new TimeLeftColumn(this))
        .StartAsync(async context =>
        {
            var bar = context.AddTask("starting", maxValue: steps);
            bar.Value = doneBefore;
            await foreach (var step in run)
            {
                Last = step;
                bar.Value = step.Step;
                bar.Description = $"step {step.Step}/{steps}  loss {step.Loss:F3}  {step.TokensPerSecond:F0} tok/s";
                if (step.ValidationLoss is not null)
                    terminal.Display.WriteLine($"step {step.Step}/{steps}  {Losses(step)}");
            }
        });

    private static string Losses(TrainingStep step) =>
        step.ValidationLoss is { } validation ? $"loss {step.Loss:F4}  validation loss {validation:F4}" : $"loss {step.Loss:F4}";

    private TimeSpan TimeLeft(int step, TimeSpan elapsed) =>
        step <= doneBefore ? TimeSpan.Zero : elapsed / (step - doneBefore) * (steps - step);

    private static string Clock(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{time:m\\:ss}";

    /// <summary>Time left by the mean of all steps, which is steadier than the newest ones.</summary>
    private sealed class TimeLeftColumn(TrainingDisplay display) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text($"{Clock(display.TimeLeft(display.Last?.Step ?? 0, Stopwatch.GetElapsedTime(display.start)))} left") { Overflow = Overflow.Crop };
    }
}
