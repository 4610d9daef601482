using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors;

/// <summary>What this machine can do at most, measured with the threads of a backend: what our speeds are a share of.</summary>
/// <param name="ReadBytesPerSecond">Reading memory far larger than the caches: the limit of generating token by token.</param>
/// <param name="FlopPerSecond">Multiply-adds between registers, each counted as two: the limit of prompts and training.</param>
/// <param name="IntegerPerSecond">Products of 16-bit integers, added in pairs, each counted as two operations: what weights of few bits are multiplied with.</param>
public readonly record struct MachineLimits(double ReadBytesPerSecond, double FlopPerSecond, double IntegerPerSecond)
{
    // Far more than the last-level cache of a server's share; read in parts small enough that no thread waits long for another.
    private const int Megabytes = 512, PartMegabytes = 4;
    private const int Repeats = 5;
    private const int FusedSteps = 2_000_000;

    private const int IntegerSums = 8;

    // Twelve sums hide a multiply-add's latency of four cycles at two per cycle, with registers to spare.
    private const int Sums = 12;

    /// <summary>Measures all three, in about a second: the best of several passes, since everything else that runs only takes away.</summary>
    public static MachineLimits Measure(CpuBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return new(ReadLimit(backend.Workers), FmaLimit(backend.Workers), IntegerLimit(backend.Workers));
    }

    // Not of the collector, which would keep it beside what is measured afterwards.
    private static unsafe double ReadLimit(Workers workers)
    {
        const nuint Bytes = (nuint)Megabytes << 20;
        const int Part = PartMegabytes << 18;
        float* memory = (float*)NativeMemory.Alloc(Bytes);
        try
        {
            float[] sums = new float[Megabytes / PartMegabytes];
            workers.For(sums.Length, i => new Span<float>(memory + (nint)i * Part, Part).Fill(i));
            double seconds = Best(() => workers.For(sums.Length, i => sums[i] = Sum(new Span<float>(memory + (nint)i * Part, Part))));
            GC.KeepAlive(sums);
            return Bytes / seconds;
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    private static double FmaLimit(Workers workers)
    {
        float[] sums = new float[workers.Count];
        double seconds = Best(() => workers.For(sums.Length, i => sums[i] = MultiplyAdds()));
        GC.KeepAlive(sums);
        return 2.0 * FusedSteps * Sums * Width * workers.Count / seconds;
    }

    private static double IntegerLimit(Workers workers)
    {
        int[] sums = new int[workers.Count];
        double seconds = Best(() => workers.For(sums.Length, i => sums[i] = IntegerDots()));
        GC.KeepAlive(sums);
        return 2.0 * FusedSteps * IntegerSums * Shorts * workers.Count / seconds;
    }

    private static double Best(Action pass)
    {
        pass();
        double best = double.MaxValue;
        for (int i = 0; i < Repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            pass();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    private static int Width =>
        Vector512.IsHardwareAccelerated ? Lanes512.Count : Vector256.IsHardwareAccelerated ? Lanes256.Count : Lanes128.Count;

    private static float Sum(ReadOnlySpan<float> numbers)
    {
        if (Vector512.IsHardwareAccelerated)
            return Sum<Lanes512, Vector512<float>>(numbers);
        if (Vector256.IsHardwareAccelerated)
            return Sum<Lanes256, Vector256<float>>(numbers);
        return Sum<Lanes128, Vector128<float>>(numbers);
    }

    // Compiled at its best at once: a handful of passes would not get it there by being counted.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum<TLanes, TVector>(ReadOnlySpan<float> numbers)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        ref float start = ref MemoryMarshal.GetReference(numbers);
        nuint length = (nuint)numbers.Length, width = (nuint)TLanes.Count;
        TVector s0 = default, s1 = default, s2 = default, s3 = default;
        for (nuint i = 0; i + 4 * width <= length; i += 4 * width)
        {
            s0 = TLanes.Add(s0, TLanes.Load(ref start, i));
            s1 = TLanes.Add(s1, TLanes.Load(ref start, i + width));
            s2 = TLanes.Add(s2, TLanes.Load(ref start, i + 2 * width));
            s3 = TLanes.Add(s3, TLanes.Load(ref start, i + 3 * width));
        }
        return TLanes.Sum(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)));
    }

    private static float MultiplyAdds()
    {
        if (Vector512.IsHardwareAccelerated)
            return MultiplyAdds<Lanes512, Vector512<float>>();
        if (Vector256.IsHardwareAccelerated)
            return MultiplyAdds<Lanes256, Vector256<float>>();
        return MultiplyAdds<Lanes128, Vector128<float>>();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MultiplyAdds<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var a = TLanes.Splat(0.999f);
        var b = TLanes.Splat(0.001f);
        TVector s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a, s11 = a;
        for (int i = 0; i < FusedSteps; i++)
        {
            s0 = TLanes.MultiplyAdd(s0, a, b);
            s1 = TLanes.MultiplyAdd(s1, a, b);
            s2 = TLanes.MultiplyAdd(s2, a, b);
            s3 = TLanes.MultiplyAdd(s3, a, b);
            s4 = TLanes.MultiplyAdd(s4, a, b);
            s5 = TLanes.MultiplyAdd(s5, a, b);
            s6 = TLanes.MultiplyAdd(s6, a, b);
            s7 = TLanes.MultiplyAdd(s7, a, b);
            s8 = TLanes.MultiplyAdd(s8, a, b);
            s9 = TLanes.MultiplyAdd(s9, a, b);
            s10 = TLanes.MultiplyAdd(s10, a, b);
            s11 = TLanes.MultiplyAdd(s11, a, b);
        }
        var low = TLanes.Add(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)), TLanes.Add(s4, s5));
        return TLanes.Sum(TLanes.Add(low, TLanes.Add(TLanes.Add(s6, s7), TLanes.Add(TLanes.Add(s8, s9), TLanes.Add(s10, s11)))));
    }

    private static int Shorts => Vector512.IsHardwareAccelerated ? 32 : Vector256.IsHardwareAccelerated ? 16 : 8;

    private static int IntegerDots()
    {
        if (Vector512.IsHardwareAccelerated)
            return IntegerDots<Lanes512, Vector512<float>>();
        if (Vector256.IsHardwareAccelerated)
            return IntegerDots<Lanes256, Vector256<float>>();
        return IntegerDots<Lanes128, Vector128<float>>();
    }

    // Each sum is multiplied with too: products of what stays the same would be computed once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int IntegerDots<TLanes, TVector>()
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var a = TLanes.Splat(1.5f);
        TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (int i = 0; i < FusedSteps; i++)
        {
            s0 = TLanes.DotPairs(a, s0, s0);
            s1 = TLanes.DotPairs(a, s1, s1);
            s2 = TLanes.DotPairs(a, s2, s2);
            s3 = TLanes.DotPairs(a, s3, s3);
            s4 = TLanes.DotPairs(a, s4, s4);
            s5 = TLanes.DotPairs(a, s5, s5);
            s6 = TLanes.DotPairs(a, s6, s6);
            s7 = TLanes.DotPairs(a, s7, s7);
        }
        var all = TLanes.Add(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)), TLanes.Add(TLanes.Add(s4, s5), TLanes.Add(s6, s7)));
        return BitConverter.SingleToInt32Bits(TLanes.Sum(all));
    }
}
