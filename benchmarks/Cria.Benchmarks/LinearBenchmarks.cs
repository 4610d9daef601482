using BenchmarkDotNet.Attributes;
using Cria.Tensors;

namespace Cria.Benchmarks;

/// <summary>A linear layer of a 110 M LLaMA (768 → 2048): one token, a prompt or a batch of training, and its backward pass.</summary>
public class LinearBenchmarks : IMeasured
{
    private const int In = 768, Out = 2_048;

    private readonly CpuBackend cpu = new();
    private Tensor x = null!, weight = null!, floats = null!, y = null!, dx = null!, dw = null!;

    [Params(1, 512)]
    public int Rows;

    [Params("f32", "bf16", "q8_0", "q4_0", "q4_k", "nf4")]
    public string Type = "f32";

    [GlobalSetup]
    public void Fill()
    {
        x = Random(1, Rows, In);
        floats = Random(2, Out, In);
        weight = floats.To(DataType.Parse(Type)!);
        (y, dx, dw) = (cpu.Zeros(new Shape(Rows, Out)), cpu.Zeros(x.Shape), cpu.Zeros(weight.Shape));
    }

    [Benchmark(Baseline = true)]
    public void PlainLoop()
    {
        for (int n = 0; n < Rows; n++)
        {
            var input = x.Row(n);
            var output = y.Row(n);
            for (int o = 0; o < Out; o++)
            {
                var row = floats.Row(o);
                float sum = 0;
                for (int i = 0; i < row.Length; i++)
                    sum += input[i] * row[i];
                output[o] = sum;
            }
        }
    }

    [Benchmark]
    public void Forward() => cpu.Linear(x, weight, y);

    [Benchmark]
    public void InputGradient() => cpu.LinearBackward(x, weight, y, dx, dw: null);

    [Benchmark]
    public void WeightGradient() => cpu.LinearBackward(x, weight, y, dx: null, dw);

    /// <inheritdoc/>
    public double Operations => 2.0 * Rows * In * Out;

    private Tensor Random(int seed, int rows, int columns)
    {
        var random = new Random(seed);
        var tensor = cpu.Empty(new Shape(rows, columns));
        foreach (ref float number in tensor.Floats())
            number = random.NextSingle() - 0.5f;
        return tensor;
    }
}
