using Cria.Tensors;

namespace Cria.Tests.Conversion;

/// <summary>
/// What llama.cpp rounds on a processor: beside weights in blocks activations become bytes, 127 to the largest of 256 (q2_k to q6_k) or of 32 (the
/// others); beside f16 and bf16 they become that; attention takes half precision.
/// </summary>
/// <remarks>Beside q4_1 and q5_1 it keeps the sum of each 32 bytes in half precision too, which is left out here.</remarks>
internal sealed class LlamaCppRounding : IRounding
{
    private const int SuperBlock = 256, Block = 32, LargestByte = 127;

    public void Factor(double[] row, DataType weight)
    {
        if (weight == DataType.F16)
            Attended(row);
        else if (weight == DataType.BF16)
            Each(row, ToBFloat);
        else if (weight.BlockLength > 1)
            ToBytes(row, weight.BlockLength == SuperBlock ? SuperBlock : Block);
    }

    public void Attended(double[] row) => Each(row, number => (double)(Half)number);

    // The codes are divided by the scale in f32; only then do blocks of 32 round it to half precision.
    private static void ToBytes(double[] row, int block)
    {
        for (int start = 0; start < row.Length; start += block)
        {
            var part = row.AsSpan(start, block);
            float scale = 0;
            foreach (double number in part)
                scale = Math.Max(scale, Math.Abs((float)number) / LargestByte);
            double stored = block == Block ? (double)(Half)scale : scale;
            for (int i = 0; i < part.Length && scale > 0; i++)
                part[i] = Math.Round((float)part[i] / scale) * stored;
        }
    }

    private static double ToBFloat(double number)
    {
        uint bits = BitConverter.SingleToUInt32Bits((float)number);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000);
    }

    private static void Each(double[] row, Func<double, double> round)
    {
        for (int i = 0; i < row.Length; i++)
            row[i] = round(row[i]);
    }
}
