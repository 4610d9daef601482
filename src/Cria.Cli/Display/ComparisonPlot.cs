using System.Globalization;
using Cria.Cli.Comparing;
using ScottPlot;

namespace Cria.Cli.Display;

/// <summary>Draws <c>compare.png</c>: the score of each method against how many parameters it trains, on an axis of powers of ten.</summary>
internal static class ComparisonPlot
{
    private const int Width = 1000, Height = 600, FontSize = 15;

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
        Labels(plot, named, points);
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

    // A name stands to the right of its point, a little above; under it where it would reach the next one.
    private static void Labels(Plot plot, List<(string Name, Coordinates At)> named, List<ComparedMethod> points)
    {
        var (least, most) = Powers(points);
        double letter = 0.6 * FontSize * (most - least) / Width, near = 0.06 * named.Max(name => name.At.Y);
        foreach (var (text, at) in named)
        {
            double end = at.X + letter * text.Length;
            bool under = named.Any(other => other.At.X > at.X && other.At.X < end && Math.Abs(other.At.Y - at.Y) < near);
            var label = plot.Add.Text(text, at);
            label.LabelFontSize = FontSize;
            label.OffsetX = 9;
            label.OffsetY = under ? 9 : -9;
        }
    }

    private static void Ticks(Plot plot, List<ComparedMethod> points)
    {
        var (least, most) = Powers(points);
        double[] powers = [.. Enumerable.Range(least, most - least + 1).Select(power => (double)power)];
        plot.Axes.Bottom.SetTicks(powers, [.. powers.Select(power => Math.Pow(10, power).ToString("N0", CultureInfo.InvariantCulture))]);
        plot.Axes.SetLimitsX(least, most);
        plot.Axes.Margins(vertical: 0.12);
        plot.Axes.AutoScaleY();
    }

    // Powers of ten between which all points lie, with room for a name.
    private static (int Least, int Most) Powers(List<ComparedMethod> points) =>
        ((int)Math.Floor(points.Min(point => Math.Log10(point.TrainedParameters))), (int)Math.Ceiling(points.Max(point => Math.Log10(point.TrainedParameters)) + 0.2));
}
