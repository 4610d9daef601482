using System.Numerics;

namespace Cria.Tensors;

public sealed partial class CpuBackend
{
    internal override void DropoutAdd(Tensor x, float probability, DropoutSeed seed, Tensor y)
    {
        y.Settle();
        uint threshold = (uint)Math.Min(uint.MaxValue, Math.Round(probability * 4294967296.0));
        ForChunks(x.Shape.Length, (start, count) =>
        {
            // The lower half of an index is mixed with a key of the seed and the upper half; no chunk crosses 2³².
            ulong key = SplitMix(seed.Value + SplitMix((ulong)start >> 32));
            DropoutAdd(x.Storage.Floats(start, count), (uint)start, key, threshold, 1 / (1 - probability), y.Storage.Floats(start, count));
        });
    }

    private static void DropoutAdd(ReadOnlySpan<float> x, uint index, ulong key, uint threshold, float scale, Span<float> y)
    {
        int i = 0;
        var indices = Vector<uint>.Indices + new Vector<uint>(index);
        for (; i + Vector<float>.Count <= x.Length; i += Vector<float>.Count)
        {
            var stays = Vector.GreaterThanOrEqual(Hash(indices, key), new Vector<uint>(threshold));
            var kept = Vector.BitwiseAnd(new Vector<float>(x[i..]) * scale, Vector.AsVectorSingle(stays));
            (new Vector<float>(y[i..]) + kept).CopyTo(y[i..]);
            indices += new Vector<uint>((uint)Vector<uint>.Count);
        }
        for (; i < x.Length; i++)
            y[i] += Hash(new Vector<uint>(index + (uint)i), key)[0] >= threshold ? x[i] * scale : 0;
    }

    /// <summary>A number for index and key: the final mix of MurmurHash3, twice, as its 32-bit products fit vectors.</summary>
    private static Vector<uint> Hash(Vector<uint> index, ulong key)
    {
        return Mix(Mix(index ^ new Vector<uint>((uint)key)) + new Vector<uint>((uint)(key >> 32)));

        static Vector<uint> Mix(Vector<uint> x)
        {
            x = (x ^ (x >>> 16)) * new Vector<uint>(0x85EBCA6B);
            x = (x ^ (x >>> 13)) * new Vector<uint>(0xC2B2AE35);
            return x ^ (x >>> 16);
        }
    }

    /// <summary>The output function of SplitMix64: every bit of the input changes half of the output's.</summary>
    /// <remarks>Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", figure 16.</remarks>
    private static ulong SplitMix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
