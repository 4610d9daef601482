using Cria.Data;

namespace Cria.Training;

/// <summary>A run that cannot go on. The message says at which step, what was found, and what to do.</summary>
public sealed class TrainingException : Exception
{
    private TrainingException(string message)
        : base(message)
    {
    }

    internal static TrainingException NotFinite(int step, string what, double found, string tensor, IEnumerable<RecordOrigin> records, string? lastGood) => new(
        $"""
        step {step}: the {what} is {(double.IsNaN(found) ? "not a number" : "infinite")}.
          tensor   {tensor}
          records  {List(records)}
          fix      lower learning_rate or raise warmup_steps, and look at these records; {(lastGood is null
              ? "no checkpoint was written yet" : $"the last good state is {lastGood}")}
        """);

    private static string List(IEnumerable<RecordOrigin> records)
    {
        const int most = 16;
        var named = records.Distinct().Take(most + 1).ToList();
        return string.Join("; ", named.Take(most)) + (named.Count > most ? "; …" : "");
    }
}
