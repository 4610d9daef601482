using BenchmarkDotNet.Attributes;
using Cria.Tensors;

namespace Cria.Benchmarks;

/// <summary>Causal self-attention of one layer: a 110 M LLaMA (12 heads of 64), and Llama 3.2 1B (32 heads of 64 over 8 key heads).</summary>
public class AttentionBenchmarks : IMeasured
{
    private const int Size = 64;

    private readonly CpuBackend cpu = new();
    private Tensor q = null!, k = null!, v = null!, y = null!, logSums = null!, dy = null!, dq = null!, dk = null!, dv = null!;
    private AttentionLayout layout = null!;

    [Params("prompt", "training", "one token")]
    public string Pass = "prompt";

    [Params(256, 1_024)]
    public int Rows;

    [Params("12/12", "32/8")]
    public string Heads = "12/12";

    private int Queries => Pass == "one token" ? 1 : Rows;

    [GlobalSetup]
    public void Fill()
    {
        int[] columns = [.. Heads.Split('/').Select(heads => int.Parse(heads) * Size)];
        (q, k, v, dy) = (Random(1, Queries, columns[0]), Random(2, Rows, columns[1]), Random(3, Rows, columns[1]), Random(4, Queries, columns[0]));
        (y, dq, dk, dv) = (cpu.Zeros(q.Shape), cpu.Zeros(q.Shape), cpu.Zeros(k.Shape), cpu.Zeros(v.Shape));
        layout = AttentionLayout.Of(q, k, v, Size, [new AttentionSpan(0, Queries, 0, Rows)], scale: null);
        logSums = cpu.Zeros(new Shape(layout.Heads, Queries));
    }

    [Benchmark]
    public void Attend()
    {
        cpu.Attend(q, k, v, layout, y, logSums);
        if (Pass == "training")
            cpu.AttendBackward(q, k, v, layout, y, logSums, dy, dq, dk, dv);
    }

    /// <summary>Products over the pairs that are not hidden: two forward, and five backward.</summary>
    public double Operations
    {
        get
        {
            double pairs = Queries == 1 ? Rows : 0.5 * Rows * (Rows + 1);
            return (Pass == "training" ? 7 : 2) * 2.0 * pairs * int.Parse(Heads.Split('/')[0]) * Size;
        }
    }

    private Tensor Random(int seed, int rows, int columns)
    {
        var random = new Random(seed);
        var tensor = cpu.Empty(new Shape(rows, columns));
        foreach (ref float number in tensor.Floats())
            number = random.NextSingle() - 0.5f;
        return tensor;
    }
}
