using Cria.Data;
using Cria.Tensors;

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

    internal static TrainingException OutOfMemory(int step, TrainingOptions options, CudaException because, RunFolder run) => new(
        $"""
        step {step}, {options.MicroBatchSize} sequences at once: {because.Message}
          kept       {run.Newest ?? "nothing: no step was done yet"}
          go on      cria train --resume {run.Path}{(options.MicroBatchSize > 1 ? $" train.micro_batch_size={Half(options)}" : "")}{(options.Recompute ? "" : " train.recompute=true")}
        """);

    // The largest number of sequences up to half of those now that divides a batch.
    private static int Half(TrainingOptions options) =>
        Enumerable.Range(1, options.MicroBatchSize / 2).Last(size => options.BatchSize % size == 0);

    private static string List(IEnumerable<RecordOrigin> records)
    {
        const int most = 16;
        var named = records.Distinct().Take(most + 1).ToList();
        return string.Join("; ", named.Take(most)) + (named.Count > most ? "; …" : "");
    }
}
