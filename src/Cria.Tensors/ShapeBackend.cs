namespace Cria.Tensors;

/// <summary>A device whose tensors have shapes and no numbers: a pass on it costs nothing, and tells what memory and work the same pass takes on a real one.</summary>
/// <remarks>
/// Everything above the kernels is that of every device: shapes are checked, operations recorded, memory is taken from a pool and given back. Numbers
/// that are read are meaningless.
/// </remarks>
public sealed class ShapeBackend : Backend
{
    private readonly StandIn standIn = new();
    private readonly MemoryPool pool;

    /// <summary>A device that holds nothing yet.</summary>
    public ShapeBackend() => pool = new MemoryPool(standIn);

    /// <inheritdoc/>
    public override string Name => "shapes";

    /// <inheritdoc/>
    public override long MemoryBytes => pool.Bytes;

    /// <inheritdoc/>
    public override long MostMemoryBytes => pool.MostBytes;

    /// <summary>Bytes that tensors hold now, the pool's idle ones not included.</summary>
    public long MemoryBytesInUse => pool.BytesInUse;

    /// <summary>Floating-point operations of the matrix products and of attention so far, a multiplication and an addition counted as two.</summary>
    public double Flop { get; private set; }

    /// <inheritdoc/>
    public override bool HasNumbers => false;

    /// <summary>A tensor outside of <see cref="Backend.MemoryBytes"/>, as one in a mapped file is.</summary>
    public Tensor Mapped(Shape shape, DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        long bytes = type.Bytes(shape.Length);
        return new Tensor(shape, type, this, new Storage(standIn, 0, bytes));
    }

    /// <inheritdoc/>
    public override Tensor Uniform(Shape shape, float bound, ulong seed) => Empty(shape);

    /// <inheritdoc/>
    public override Tensor Normal(Shape shape, float deviation, ulong seed) => Empty(shape);

    internal override Storage Allocate(long bytes) => pool.Take(bytes);

    internal override void Recycle(Storage storage) => pool.Give(storage);

    internal override void Linear(Tensor x, Tensor weight, Tensor y) => Multiplies(x.Shape.Rows, weight.Shape.Columns, weight.Shape.Rows);

    internal override void LinearBackward(Tensor x, Tensor weight, Tensor dy, Tensor? dx, Tensor? dw)
    {
        if (dx is not null)
            Multiplies(dy.Shape.Rows, weight.Shape.Rows, weight.Shape.Columns);
        if (dw is not null)
            Multiplies(weight.Shape.Rows, x.Shape.Rows, weight.Shape.Columns);
    }

    // A device packs one side of a product, in slabs where it is large.
    private void Multiplies(int rows, int depth, int columns)
    {
        Flop += 2.0 * rows * depth * columns;
        Recycle(Allocate(Product.PackedBytes(rows, depth)));
    }

    internal override void Attend(Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor? logSums) => Flop += 4.0 * layout.Pairs * q.Shape.Columns;

    internal override void AttendBackward(
        Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor logSums, Tensor dy, Tensor? dq, Tensor? dk, Tensor? dv) =>
        Flop += 10.0 * layout.Pairs * q.Shape.Columns;

    // The rest only moves numbers, which there are none of.
    internal override void Fill(Tensor tensor, float value) { }
    internal override void Add(Tensor a, Tensor b, Tensor y) { }
    internal override void AddRow(Tensor x, Tensor row, Tensor y) { }
    internal override void AddRowBackward(Tensor dy, Tensor dRow) { }
    internal override void AdamWChecked(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamWFactors factors) { }
    internal override void Columns(Tensor matrix, int[] ids, Tensor y) { }
    internal override void ColumnsBackward(Tensor dy, int[] ids, Tensor dMatrix) { }
    internal override void Convert(Tensor from, Tensor to) { }
    internal override void CopyRowsChecked(Tensor from, int fromRow, Tensor to, int toRow, int rows) { }
    internal override void CrossEntropy(Tensor logits, ReadOnlyMemory<int> targets, Tensor? losses, float? gradientScale, Tensor? times = null) { }
    internal override void DropoutAdd(Tensor x, float probability, DropoutSeed seed, Tensor y) { }
    internal override void Embedding(Tensor table, int[] ids, Tensor y) { }
    internal override void EmbeddingBackward(Tensor dy, int[] ids, Tensor dTable) { }
    internal override void Multiply(Tensor a, Tensor b, Tensor y) { }
    internal override void MultiplyAdd(Tensor a, Tensor b, Tensor y) { }
    internal override void ReadRows(Tensor from, Func<int, int> row, Tensor to) { }
    internal override void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor r) { }
    internal override void RmsNormBackward(Tensor x, Tensor weight, Tensor r, Tensor dy, Tensor? dx, Tensor? dw) { }
    internal override void Rotate(Tensor x, Tensor angles, Tensor y) { }
    internal override void RotateBackward(Tensor dy, Tensor angles, Tensor dx) { }
    internal override void RotaryAngles(ReadOnlySpan<float> inverseFrequencies, ReadOnlySpan<int> positions, Tensor angles) { }
    internal override void Scale(Tensor x, float factor, Tensor y) { }
    internal override void ScaleAdd(Tensor x, float factor, Tensor y) { }
    internal override void ScaleColumns(Tensor x, Tensor factors, Tensor y) { }
    internal override void ScaleColumnsBackward(Tensor x, Tensor factors, Tensor dy, Tensor? dx, Tensor? dFactors) { }
    internal override void SiluMultiply(Tensor gate, Tensor up, Tensor y) { }
    internal override void SiluMultiplyBackward(Tensor gate, Tensor up, Tensor dy, Tensor? dGate, Tensor? dUp) { }
    internal override void Softmax(Tensor x, Tensor y) { }
    internal override void SoftmaxBackward(Tensor y, Tensor dy, Tensor dx) { }
    internal override void Sum(Tensor x, float scale, Tensor y) { }
    internal override double SumOfSquaresChecked(Tensor x) => 0;
    internal override void Tanh(Tensor x, Tensor y) { }
    internal override void TanhBackward(Tensor y, Tensor dy, Tensor dx) { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => pool.Clear();
}
