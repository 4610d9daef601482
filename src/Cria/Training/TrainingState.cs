using System.Text.Json;
using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Data;

namespace Cria.Training;

/// <summary>Where a run stands, besides weights and moments. Everything random is a function of the seed and these numbers.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Position">Where the next batch begins.</param>
/// <param name="Seed">The seed of the run.</param>
/// <param name="BatchSize">Sequences of a batch: the position counts in batches.</param>
/// <param name="Sequences">How many sequences there are to learn from.</param>
/// <param name="Tokens">How many tokens they have: a change of the data is noticed by this.</param>
/// <param name="ImageSteps">Of the steps those whose batch showed images.</param>
internal sealed record TrainingState(int Step, DataPosition Position, int Seed, int BatchSize, int Sequences, long Tokens, int ImageSteps)
{
    private const string FileName = "state.json";

    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    public static TrainingState Read(string folder)
    {
        string file = Path.Combine(folder, FileName);
        var json = JsonFile.Read(file);
        long Number(string key, long least, long most) => json[key] is JsonValue value && value.TryGetValue(out long number) && number >= least && number <= most
            ? number
            : throw CheckpointException.Setting(file, key, $"expected a whole number{(least == 0 ? ", not negative" : "")}, found {json[key]?.ToJsonString() ?? "nothing"}");
        int Count(string key) => (int)Number(key, 0, int.MaxValue);
        return new(Count("step"), new DataPosition(Count("epoch"), Count("batch")),
            (int)Number("seed", int.MinValue, int.MaxValue), Count("batch_size"), Count("sequences"), Number("tokens", 0, long.MaxValue),
            json["image_steps"] is null ? 0 : Count("image_steps"));
    }

    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), file =>
    {
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("step", Step);
        json.WriteNumber("epoch", Position.Epoch);
        json.WriteNumber("batch", Position.Batch);
        json.WriteNumber("seed", Seed);
        json.WriteNumber("batch_size", BatchSize);
        json.WriteNumber("sequences", Sequences);
        json.WriteNumber("tokens", Tokens);
        if (ImageSteps > 0)
            json.WriteNumber("image_steps", ImageSteps);
        json.WriteEndObject();
    });

    /// <summary>Throws unless a run with this state can go on from a checkpoint bit for bit.</summary>
    /// <param name="checkpoint">The state in the checkpoint.</param>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="batches">How many batches an epoch has.</param>
    public void CheckContinues(TrainingState checkpoint, string folder, int batches)
    {
        var problems = new Problems();
        problems.Unless(Seed == checkpoint.Seed, $"seed: {folder} was made with {checkpoint.Seed}, got {Seed}.");
        problems.Unless(BatchSize == checkpoint.BatchSize, $"batch_size: {folder} was made with {checkpoint.BatchSize}, got {BatchSize}.");
        problems.Unless(Sequences == checkpoint.Sequences && Tokens == checkpoint.Tokens,
            $"train: the data has changed since {folder} was made: {checkpoint.Sequences} sequences of {checkpoint.Tokens} tokens in all then, "
            + $"{Sequences} of {Tokens} now.");
        problems.ThrowIfAny();
        if (checkpoint.Position.Batch >= batches)
            throw CheckpointException.Setting(Path.Combine(folder, FileName), "batch", $"expected 0 to {batches - 1}, for an epoch has {batches} batches, found {checkpoint.Position.Batch}");
    }
}
