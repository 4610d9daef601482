using System.Text.Json;
using ScottPlot;

namespace Cria.Cli.Display;

/// <summary>Draws <c>loss.png</c> from <c>log.jsonl</c>: training and validation loss against the step.</summary>
internal static class LossPlot
{
    private const int Width = 1000, Height = 600;

    /// <summary>Draws the log's losses beside it; says on the error stream why, if that cannot be done: no run fails for its picture.</summary>
    public static void Draw(string log, string picture, TextWriter error) =>
        Picture.Draw(picture, error, () => Save(Read(File.ReadLines(log)), picture));

    /// <summary>The points of a log. A last line that was cut off by a kill is left out.</summary>
    internal static (List<Coordinates> Train, List<Coordinates> Validation) Read(IEnumerable<string> log)
    {
        var (train, validation) = (new List<Coordinates>(), new List<Coordinates>());
        foreach (string line in log)
        {
            try
            {
                using var step = JsonDocument.Parse(line);
                Add(train, step.RootElement, "loss");
                Add(validation, step.RootElement, "validation_loss");
            }
            catch (JsonException)
            {
            }
        }
        return (train, validation);
    }

    private static void Add(List<Coordinates> points, JsonElement step, string name)
    {
        if (step.TryGetProperty(name, out var loss) && loss.ValueKind == JsonValueKind.Number)
            points.Add(new(step.GetProperty("step").GetInt32(), loss.GetDouble()));
    }

    private static void Save((List<Coordinates> Train, List<Coordinates> Validation) loss, string picture)
    {
        using var plot = new Plot();
        var train = plot.Add.ScatterLine(loss.Train, Colors.C0);
        train.LegendText = "training";
        train.LineWidth = 1.5f;
        if (loss.Validation.Count > 0)
        {
            var validation = plot.Add.Scatter(loss.Validation, Colors.C1);
            validation.LegendText = "validation";
            validation.LineWidth = 2;
            validation.MarkerSize = 7;
        }
        plot.XLabel("step");
        plot.YLabel("loss (nats per supervised token)");
        plot.ShowLegend(Edge.Bottom);
        plot.SavePng(picture, Width, Height);
    }
}
