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

    public CpuBackend Device { get; } = new(threads: 2);

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

    public void Dispose()
    {
        weights.Dispose();
        expected.Dispose();
        Device.Dispose();
    }
}
