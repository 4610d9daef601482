using System.Globalization;
using Cria.Cli.Comparing;
using ScottPlot;

namespace Cria.Cli.Display;

/// <summary>Draws <c>compare.png</c>: the score of each method against how many parameters it trains, on an axis of powers of ten.</summary>
internal static class ComparisonPlot
{
    private const int Width = 1000, Height = 600;

    /// <summary>Draws it, or says on the error stream why that cannot be done: no comparison fails for its picture.</summary>
    public static void Draw(IReadOnlyList<ComparedMethod> results, Exam exam, string picture, TextWriter error)
    {
        var points = results.Where(result => result.After is { } score && double.IsFinite(score) && result.TrainedParameters > 0).ToList();
        if (points.Count == 0)
            return;
        Picture.Draw(picture, error, () => Save(points, exam, picture));
    }

    private static void Save(List<ComparedMethod> points, Exam exam, string picture)
    {
        using var plot = new Plot();
        double factor = exam.IsShare ? 100 : 1;
        var named = new List<(string Name, Coordinates At)>();
        foreach (var point in points)
        {
            var at = new Coordinates(Math.Log10(point.TrainedParameters), factor * point.After!.Value);
            plot.Add.Marker(at, MarkerShape.FilledCircle, 11, Colors.C0);
            Name(named, point.Name, at, points.Max(other => factor * other.After!.Value));
        }
        foreach (var (text, at) in named)
            Label(plot, text, at);
        if (points[0].Before is { } before)
            plot.Add.HorizontalLine(factor * before, 1.5f, Colors.Gray, LinePattern.Dashed).LegendText = "the base";
        Ticks(plot, points);
        plot.XLabel("trained parameters");
        plot.YLabel(exam.Axis);
        plot.ShowLegend(Edge.Bottom);
        plot.SavePng(picture, Width, Height);
    }

    // Names that would be written over each other become one.
    private static void Name(List<(string Name, Coordinates At)> named, string name, Coordinates at, double highest)
    {
        int same = named.FindIndex(other => Math.Abs(other.At.X - at.X) < 0.15 && Math.Abs(other.At.Y - at.Y) < 0.02 * highest);
        if (same < 0)
            named.Add((name, at));
        else
            named[same] = ($"{named[same].Name}, {name}", named[same].At);
    }

    private static void Label(Plot plot, string text, Coordinates at)
    {
        var label = plot.Add.Text(text, at);
        label.LabelFontSize = 15;
        label.OffsetX = 9;
        label.OffsetY = -9;
    }

    private static void Ticks(Plot plot, List<ComparedMethod> points)
    {
        int least = (int)Math.Floor(points.Min(point => Math.Log10(point.TrainedParameters)));
        int most = (int)Math.Ceiling(points.Max(point => Math.Log10(point.TrainedParameters)) + 0.2);
        double[] powers = [.. Enumerable.Range(least, most - least + 1).Select(power => (double)power)];
        plot.Axes.Bottom.SetTicks(powers, [.. powers.Select(power => Math.Pow(10, power).ToString("N0", CultureInfo.InvariantCulture))]);
        plot.Axes.SetLimitsX(least, most);
        plot.Axes.Margins(vertical: 0.12);
        plot.Axes.AutoScaleY();
    }
}
