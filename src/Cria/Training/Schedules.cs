namespace Cria.Training;

/// <summary>How the learning rate goes through a run, as a factor on its highest value.</summary>
/// <remarks>
/// As <c>get_constant_schedule_with_warmup</c>, <c>get_linear_schedule_with_warmup</c> and <c>get_cosine_schedule_with_warmup</c> of
/// <see href="https://huggingface.co/docs/transformers/main_classes/optimizer_schedules"/>: with t steps done, W of warm-up and T in all, the
/// factor is t / W while t is below W; then, with p = (t − W) / (T − W), 1 − p or (1 + cos πp) / 2. So a run with warm-up begins with
/// a step of zero length, and without warm-up it begins at the highest value.
/// </remarks>
internal static class Schedules
{
    public static IReadOnlyList<string> Names { get; } = ["cosine", "linear", "constant"];

    /// <summary>The factor for the next step.</summary>
    public static double Factor(string schedule, int done, int warmup, int steps)
    {
        if (done < warmup)
            return (double)done / warmup;
        double progress = (double)(done - warmup) / Math.Max(1, steps - warmup);
        return schedule switch
        {
            "cosine" => Math.Max(0, (1 + Math.Cos(Math.PI * progress)) / 2),
            "linear" => Math.Max(0, 1 - progress),
            _ => 1,
        };
    }
}
