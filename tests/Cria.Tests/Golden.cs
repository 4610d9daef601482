using Cria.Checkpoints;
using Cria.Models;
using Cria.Tensors;

namespace Cria.Tests;

/// <summary>A tiny random model with the outputs that transformers or peft computed for it (tests/fixtures/PROVENANCE.md).</summary>
internal sealed class Golden : IDisposable
{
    private readonly Checkpoint weights;
    private readonly Checkpoint expected;

    public Golden(string name, string? baseModel = null)
    {
        Folder = TestData.Fixture($"golden/{name}");
        weights = Checkpoint.Open(TestData.Fixture($"golden/{baseModel ?? name}"), Device);
        expected = Checkpoint.Open(Path.Combine(Folder, "expected.safetensors"), Device);
        Model = new LlamaModel(LlamaConfig.Read(weights), weights, Device);
    }

    public static TheoryData<string> DenseModels => ["llama1-mha", "llama2-gqa", "llama3.1-rope", "llama3.2-tied"];

    public string Folder { get; }

    public Backend Device { get; } = TestBackend.Make();

    public LlamaModel Model { get; }

    public IEnumerable<string> Names => expected.Tensors.Keys;

    public Tensor this[string name] => expected.TryGet(name, out var tensor) ? tensor : throw new KeyNotFoundException(name);

    public Shape ShapeOf(string name) => expected.Tensors[name].Shape;

    /// <summary>Ids [B, T] as one list for each sequence.</summary>
    public int[][] Sequences(string name)
    {
        int length = ShapeOf(name).Columns;
        return [.. expected.Integers(name).Select(id => (int)id).Chunk(length)];
    }

    /// <summary>What each sequence shows, if anything: (B, N, D_v) as one tensor for each.</summary>
    public IReadOnlyList<Tensor?> Images()
    {
        string? name = Names.FirstOrDefault(name => name.StartsWith("in.vis", StringComparison.Ordinal));
        if (name is null)
            return [];
        var (all, shape) = (this[name], ShapeOf(name));
        int each = (int)(shape[1] * shape[2]);
        return [.. Enumerable.Range(0, (int)shape[0]).Select(i => Device.From(all.Floats().Slice(i * each, each), new Shape(shape[1], shape[2])))];
    }

    public void Dispose()
    {
        weights.Dispose();
        expected.Dispose();
        Device.Dispose();
    }
}
