namespace Cria.Tensors;

public sealed partial class CudaBackend
{
    internal override void AdamWChecked(Tensor parameter, Tensor gradient, Tensor mean, Tensor square, AdamWFactors factors) => throw Missing("AdamWChecked");
    internal override void Add(Tensor a, Tensor b, Tensor y) => throw Missing("Add");
    internal override void AddRow(Tensor x, Tensor row, Tensor y) => throw Missing("AddRow");
    internal override void AddRowBackward(Tensor dy, Tensor dRow) => throw Missing("AddRowBackward");
    internal override void Attend(Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor? logSums) => throw Missing("Attend");
    internal override void AttendBackward( Tensor q, Tensor k, Tensor v, AttentionLayout layout, Tensor y, Tensor logSums, Tensor dy, Tensor? dq, Tensor? dk, Tensor? dv) => throw Missing("AttendBackward");
    internal override void Columns(Tensor matrix, int[] ids, Tensor y) => throw Missing("Columns");
    internal override void ColumnsBackward(Tensor dy, int[] ids, Tensor dMatrix) => throw Missing("ColumnsBackward");
    internal override void Convert(Tensor from, Tensor to) => throw Missing("Convert");
    internal override void ReadRows(Tensor from, Func<int, int> row, Tensor to) => throw Missing("ReadRows");
    internal override void CrossEntropy(Tensor logits, int[] targets, Tensor? losses, float? gradientScale, Tensor? times = null) => throw Missing("CrossEntropy");
    internal override void Sum(Tensor x, float scale, Tensor y) => throw Missing("Sum");
    internal override void DropoutAdd(Tensor x, float probability, ulong seed, Tensor y) => throw Missing("DropoutAdd");
    internal override void Embedding(Tensor table, int[] ids, Tensor y) => throw Missing("Embedding");
    internal override void EmbeddingBackward(Tensor dy, int[] ids, Tensor dTable) => throw Missing("EmbeddingBackward");
    internal override void Multiply(Tensor a, Tensor b, Tensor y) => throw Missing("Multiply");
    internal override void MultiplyAdd(Tensor a, Tensor b, Tensor y) => throw Missing("MultiplyAdd");
    internal override void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor r) => throw Missing("RmsNorm");
    internal override void RmsNormBackward(Tensor x, Tensor weight, Tensor r, Tensor dy, Tensor? dx, Tensor? dw) => throw Missing("RmsNormBackward");
    internal override void RotaryAngles(ReadOnlySpan<float> inverseFrequencies, ReadOnlySpan<int> positions, Tensor angles) => throw Missing("RotaryAngles");
    internal override void Rotate(Tensor x, Tensor angles, Tensor y) => throw Missing("Rotate");
    internal override void RotateBackward(Tensor dy, Tensor angles, Tensor dx) => throw Missing("RotateBackward");
    internal override void Scale(Tensor x, float factor, Tensor y) => throw Missing("Scale");
    internal override void ScaleAdd(Tensor x, float factor, Tensor y) => throw Missing("ScaleAdd");
    internal override void ScaleColumns(Tensor x, Tensor factors, Tensor y) => throw Missing("ScaleColumns");
    internal override void ScaleColumnsBackward(Tensor x, Tensor factors, Tensor dy, Tensor? dx, Tensor? dFactors) => throw Missing("ScaleColumnsBackward");
    internal override void SiluMultiply(Tensor gate, Tensor up, Tensor y) => throw Missing("SiluMultiply");
    internal override void SiluMultiplyBackward(Tensor gate, Tensor up, Tensor dy, Tensor? dGate, Tensor? dUp) => throw Missing("SiluMultiplyBackward");
    internal override void Softmax(Tensor x, Tensor y) => throw Missing("Softmax");
    internal override void SoftmaxBackward(Tensor y, Tensor dy, Tensor dx) => throw Missing("SoftmaxBackward");
    internal override double SumOfSquaresChecked(Tensor x) => throw Missing("SumOfSquaresChecked");
    internal override void Tanh(Tensor x, Tensor y) => throw Missing("Tanh");
    internal override void TanhBackward(Tensor y, Tensor dy, Tensor dx) => throw Missing("TanhBackward");
    internal override void Accumulate(Tensor sum, Tensor x) => throw Missing("Accumulate");
    internal override void ScaleBy(Tensor x, Tensor factor, Tensor y) => throw Missing("ScaleBy");
    private static void Dequantize(Tensor weight, Tensor to) => throw Missing("Dequantize");
    private static void ToPlanes(DataType type, nint raw, nint planes, long elements) => throw Missing("ToPlanes");
    private static void FromPlanes(DataType type, nint planes, nint raw, long elements) => throw Missing("FromPlanes");
    private static bool LinearFew(Tensor x, Tensor weight, Tensor y) => false;

    private static InvalidOperationException Missing(string op) => new(op);
}
