using System.Text.Json.Nodes;
using Cria.Checkpoints;
using Cria.Peft;
using Cria.Tensors;

namespace Cria.Tests.EndToEnd;

/// <summary>A folder with a recipe and token records for the tiny model llama2-gqa, and the runs made from them.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TemporaryFolder folder = TestData.Folder();

    public static string Model => TestData.Fixture("golden/llama2-gqa");

    public string Recipe => folder.File("recipe.yaml");

    public string Records => folder.File("records.jsonl");

    public string Path(string run) => folder.File(run);

    /// <summary>Token records of random ids; the first two of each are not supervised.</summary>
    public TrainingRun Random(int records)
    {
        var random = new Random(1);
        return Tokens(Enumerable.Range(0, records).Select(_ =>
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(4, 24)).Select(_ => random.Next(320))];
            return (ids, ids.Select((id, i) => i < 2 ? -100 : id).ToArray());
        }));
    }

    /// <summary>Token records, each of which shows an image where there are any.</summary>
    public TrainingRun Tokens(IEnumerable<(int[] Ids, int[] Labels)> records, IReadOnlyList<Tensor?>? images = null) => Lines([.. records.Select((record, i) =>
        $$"""{"input_ids":[{{string.Join(',', record.Ids)}}],"labels":[{{string.Join(',', record.Labels)}}]{{(images is { Count: > 0 } && images[i] is { } shown ? $",\"image\":\"{Image(i, shown)}\"" : "")}}}""")]);

    /// <summary>Leaves features beside the records; the name of the picture they would be of.</summary>
    private string Image(int number, Tensor features)
    {
        Safetensors.Write(Path($"image-{number}.safetensors"), [KeyValuePair.Create("features", features)]);
        return $"image-{number}.jpg";
    }

    public TrainingRun Lines(params string[] lines)
    {
        File.WriteAllLines(Records, lines);
        return this;
    }

    /// <summary>Writes the recipe; its keys under <c>data:</c>, <c>peft:</c> and <c>train:</c> follow.</summary>
    public TrainingRun With(string sections)
    {
        File.WriteAllText(Recipe, $"model: {Model}\nout: {Path("run")}\n{sections.Replace("RECORDS", Records, StringComparison.Ordinal)}\n");
        return this;
    }

    public byte[] Adapter(string run) => File.ReadAllBytes(System.IO.Path.Combine(Path(run), HuggingFaceAdapter.WeightsFile));

    /// <summary>The lines of the log so far; the last may be half written.</summary>
    public string[] LogLines(string run)
    {
        string file = System.IO.Path.Combine(Path(run), "log.jsonl");
        if (!File.Exists(file))
            return [];
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The log without what depends on the machine.</summary>
    public string[] Log(string run) => [.. LogLines(run).Select(line =>
    {
        var json = JsonNode.Parse(line)!.AsObject();
        json.Remove("tokens_per_second");
        json.Remove("memory_bytes");
        return json.ToJsonString();
    })];

    public void Dispose() => folder.Dispose();
}
