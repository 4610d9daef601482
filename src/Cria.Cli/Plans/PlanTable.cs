using System.Globalization;
using Cria.Models;

namespace Cria.Cli.Plans;

/// <summary>A plan as a table of 100 columns.</summary>
internal sealed class PlanTable(PlanRequest request, TrainingSpeed? speed, TextWriter to)
{
    private const int NameWidth = 21, CountWidth = 9, ShareWidth = 8, FileWidth = 7, SizeWidth = 6, LastWidth = 7;

    public void Write(ShapePlan plan)
    {
        var (config, unit) = (plan.Config, Unit(plan));
        to.WriteLine($"{plan.Name}: {config.ParameterCount:N0} parameters, all active; d {config.HiddenSize}, {config.Layers} layers, {config.Heads} heads over {config.KeyValueHeads}, f {config.IntermediateSize}, V {config.VocabularySize}");
        to.WriteLine(new string(' ', NameWidth + CountWidth + ShareWidth + FileWidth + 2 * SizeWidth) + $" activations  all in {unit.Name}, with the base in");
        Line("method", "trained", "share", "file", ["sec", "state", "kept", "again", .. plan.Bases.Select(Heading)]);
        foreach (var method in plan.Methods)
        {
            var state = new[] { method.Plan.StateBytes, method.Plan.ActivationBytes, method.Plan.RecomputedActivationBytes };
            Line(method.Preset.Name, Count(method.Plan.TrainedCount), Percent(method.Plan.Share), Bytes.Text(method.Plan.FileBytes),
                [Number(request.StepSeconds(method, speed!)), .. state.Select(bytes => Number(bytes / unit.Bytes)), .. plan.Bases.Select(one => Total(method, one, unit.Bytes))]);
        }
    }

    /// <summary>A model that is counted only.</summary>
    public void Write(string name, CountedShape shape)
    {
        to.WriteLine($"{name}: {shape.ParameterCount:N0} parameters, {shape.ActiveParameterCount:N0} active for a token; {shape.Summary}");
        to.WriteLine($"  weights: {string.Join(", ", UsualTypes.Counted.Select(type => $"{type.Name} {Bytes.Text(shape.WeightBytes(type))}"))}");
        to.WriteLine("  It is counted only: this version trains dense decoders.");
    }

    /// <summary>What the numbers mean.</summary>
    public void WriteAssumptions()
    {
        to.WriteLine($"A step: {request.Batch} sequences of {request.Length} tokens, {request.MicroBatch} at a time ({request.MicroBatch * request.Length} tokens in memory at once), all supervised.");
        to.WriteLine($"sec          for a step, at {speed}; --gflops N plans for another machine");
        to.WriteLine($"state        trained tensors and gradients, f32, and the optimizer's ({request.Optimizer})");
        to.WriteLine("activations  what a pass holds at most, f32: kept for the backward pass, or computed again (recompute: true)");
        to.WriteLine($"all          base, state and activations {(request.Recompute ? "computed again" : "kept")}; the program itself takes about 0.1 GB more");
        to.WriteLine("base         a type of blocks is for the linear layers; embedding, head and norms are bf16 then.");
        to.WriteLine("             full has no frozen base: f32 copies of all weights are part of its state. Its file is bf16.");
        if (request.CardBytes is { } card)
            to.WriteLine($"card         of {Bytes.Text(card)}: r fits only with recomputation (the number is with it), - does not fit.");
        to.WriteLine("GB are 10^9 bytes. Numbers come from training steps over tensors without numbers, in the memory pool that real ones use.");
    }

    private string Total(PlannedMethod method, Base with, double unit)
    {
        if (!method.Goes(with))
            return "";
        if (request.CardBytes is not { } card)
            return Number(method.Total(with, request.Recompute) / unit);
        return method.Fits(with, card) switch
        {
            "yes" => Number(method.Total(with, request.Recompute) / unit),
            "recompute" => Number(method.Total(with, recompute: true) / unit) + "r",
            _ => "-",
        };
    }

    // The table's columns are six letters wide.
    private static string Heading(Base one) => one.Type is null ? "as is" : one.Name;

    private void Line(string name, string trained, string share, string file, IReadOnlyList<string> sizes) =>
        to.WriteLine((name.PadRight(NameWidth) + trained.PadLeft(CountWidth) + share.PadLeft(ShareWidth) + file.PadLeft(FileWidth)
            + string.Concat(sizes.Select((size, i) => size.PadLeft(i == sizes.Count - 1 ? LastWidth : SizeWidth)))).TrimEnd());

    private static (string Name, double Bytes) Unit(ShapePlan plan) => plan.Config.ParameterCount >= 500_000_000 ? ("GB", 1e9) : ("MB", 1e6);

    private static string Number(double size) => size.ToString(size switch { >= 100 => "F0", >= 10 => "F1", >= 0.1 => "F2", _ => "F3" }, CultureInfo.InvariantCulture);

    private static string Percent(double share) => share >= 0.9995 ? "100 %" : $"{(100 * share).ToString(share >= 0.01 ? "F2" : "F3", CultureInfo.InvariantCulture)} %";

    private static string Count(long number) => number switch
    {
        >= 1_000_000_000 => $"{number / 1e9:F2} B",
        >= 1_000_000 => $"{number / 1e6:F2} M",
        _ => $"{number / 1e3:F1} k",
    };
}
