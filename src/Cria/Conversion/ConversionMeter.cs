using System.Numerics.Tensors;
using Cria.Tensors;
using Tensor = Cria.Tensors.Tensor;

namespace Cria.Conversion;

/// <summary>Counts what is written, and how far it is from what was read.</summary>
internal sealed class ConversionMeter(long totalNumbers, IProgress<ConversionProgress>? progress, CancellationToken stop)
{
    private readonly Dictionary<string, Sums> sums = [];
    private long done;

    /// <summary>Another tensor begins.</summary>
    public void Begin(string type) => Of(type).Tensors++;

    /// <summary>A piece that is stored as it was.</summary>
    public void Add(string tensor, string type, long numbers, long bytes)
    {
        stop.ThrowIfCancellationRequested();
        var sum = Of(type);
        sum.Numbers += numbers;
        sum.Bytes += bytes;
        done += numbers;
        progress?.Report(new ConversionProgress(tensor, done, totalNumbers));
    }

    /// <summary>A piece that storing has changed.</summary>
    public void Add(string tensor, Tensor numbers, Tensor stored)
    {
        var (found, sum) = (stored.To(DataType.F32), Of(stored.Type.Name));
        for (int row = 0; row < numbers.Shape.Rows; row++)
        {
            float distance = TensorPrimitives.Distance<float>(numbers.Row(row), found.Row(row));
            sum.SquaredError += (double)distance * distance;
            sum.Squares += TensorPrimitives.SumOfSquares<float>(numbers.Row(row));
        }
        Add(tensor, stored.Type.Name, numbers.Shape.Length, stored.Storage.Length);
    }

    public IReadOnlyList<WrittenType> Types =>
    [
        .. sums.OrderByDescending(pair => pair.Value.Numbers).Select(pair => new WrittenType(
            pair.Key, pair.Value.Tensors, pair.Value.Numbers, pair.Value.Bytes,
            pair.Value.Squares == 0 ? 0 : Math.Sqrt(pair.Value.SquaredError / pair.Value.Squares))),
    ];

    private Sums Of(string type) => sums.TryGetValue(type, out var sum) ? sum : sums[type] = new Sums();

    private sealed class Sums
    {
        public int Tensors { get; set; }
        public long Numbers { get; set; }
        public long Bytes { get; set; }
        public double SquaredError { get; set; }
        public double Squares { get; set; }
    }
}
