namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    private const int Fp8Major = 9, Fp8Threads = 256, TurnTile = 64;

    // The rows that were brought to 8 bits last: the products of query, key and value share them, and those of gate and up.
    private Storage? lastRows;
    private Rows8? lastCodes;

    /// <inheritdoc/>
    public override bool Stores(DataType type) => type != DataType.FP8 || card.Major >= Fp8Major;

    // y = x Wᵀ: each row of x gets a scale, as each row of W has one.
    private void LinearInFp8(Tensor x, Tensor weight, Tensor y, int adds)
    {
        var codes = CodesOf(x);
        var product = new MatrixProduct(DataType.FP8, y.Type, weight.Shape.Rows, x.Shape.Rows, weight.Shape.Columns, TurnA: true, TurnB: false);
        MultiplyInFp8(product, weight.Storage.Pointer, ScalesOf(weight), codes, y, adds);
    }

    // dx = dy W = (dy · s) Q, where W = s · Q row by row: the scales of W go into dy, the turned Q needs none.
    private void LinearBackwardInFp8(Tensor weight, Tensor dy, Tensor dx)
    {
        int @in = weight.Shape.Columns, @out = weight.Shape.Rows;
        using var codes = ToRows8(dy, ScalesOf(weight));
        using var ones = Temporary((long)@in * sizeof(float));
        FillOnes(ones, @in);
        MultiplyInFp8(new(DataType.FP8, dx.Type, @in, dy.Shape.Rows, @out, TurnA: true, TurnB: false), TurnedOf(weight), ones.Pointer, codes, dx, dx.Adds());
    }

    private static bool MultipliesInFp8(Tensor weight) => weight.Type == DataType.FP8 && weight.Shape.Rows % weight.Type.BlockLength == 0;

    private void MultiplyInFp8(MatrixProduct product, nint a, nint aScales, Rows8 b, Tensor d, float beta)
    {
        Begin();
        products.Multiply(product, a, b.Codes, d.Storage.Pointer, 1, beta, stream, aScales, b.Scales);
    }

    private Rows8 CodesOf(Tensor x)
    {
        if (ReferenceEquals(lastRows, x.Storage) && lastCodes is { } last)
            return last;
        ForgetRows();
        (lastRows, lastCodes) = (x.Storage, ToRows8(x, factors: 0));
        return lastCodes.Value;
    }

    // Memory that is given back may become another tensor's.
    private void ForgetRows()
    {
        lastCodes?.Dispose();
        (lastRows, lastCodes) = (null, null);
    }

    private Rows8 ToRows8(Tensor x, nint factors)
    {
        int rows = x.Shape.Rows, columns = x.Shape.Columns;
        var codes = new Rows8(Temporary((long)rows * columns + (long)rows * sizeof(float)), (long)rows * columns);
        ToFp8(x, codes.Codes, codes.Scales, factors);
        return codes;
    }

    private void ToFp8(Tensor from, nint codes, nint scales, nint factors) => Launch(
        DataType.F32, "fp8", $"to_fp8_{KernelName(from.Type)}", from.Shape.Rows, 1, 1, Fp8Threads, 0,
        from, BlocksOf(from), codes, scales, factors, from.Shape.Columns);

    private void FromFp8(Tensor from, Tensor to) => Launch(
        to.Type, "fp8", "from_fp8", from.Shape.Rows, 1, 1, Fp8Threads, 0, from, ScalesOf(from), to, from.Shape.Columns);

    // A weight's codes, once more by columns where products take it so, and its scales.
    private void StoreFp8(Tensor from, Tensor to)
    {
        ToFp8(from, to.Storage.Pointer, ScalesOf(to), factors: 0);
        if (MultipliesInFp8(to))
            Launch(
                DataType.F32, "fp8", "turn_fp8", Blocks(to.Shape.Columns, TurnTile), Blocks(to.Shape.Rows, TurnTile), 1, Fp8Threads, 0,
                to, TurnedOf(to), to.Shape.Rows, to.Shape.Columns);
    }

    private static nint TurnedOf(Tensor weight) => weight.Storage.Pointer + (nint)weight.Shape.Length;

    private static nint ScalesOf(Tensor weight) => weight.Storage.Pointer + (nint)(2 * weight.Shape.Length);

    private unsafe void FillOnes(TemporaryMemory memory, int count) =>
        card.Check(SetWords(memory.Pointer, BitConverter.SingleToUInt32Bits(1), (nuint)count), "cuMemsetD32Async");

    // Rows of codes, then their scales.
    private readonly struct Rows8(TemporaryMemory memory, long codeBytes) : IDisposable
    {
        public nint Codes => memory.Pointer;

        public nint Scales => memory.Pointer + (nint)codeBytes;

        public void Dispose() => memory.Dispose();
    }
}
