using System.Diagnostics;
using Cria.Checkpoints;

namespace Cria.Tests;

/// <summary>Files with changed, removed and repeated bytes: reading one either works or says what is wrong, soon, and in little memory.</summary>
internal static class Damage
{
    private const long MostBytes = 64 << 20;
    private const double LongestSeconds = 5;

    private static readonly byte[] Nasty = [0, 1, 0x7F, 0x80, 0xFF, (byte)'"', (byte)'{', (byte)'}', (byte)'[', (byte)'9', (byte)'-'];

    /// <summary>Reads damaged copies of a checkpoint's file.</summary>
    public static void Try(byte[] whole, int times, int seed, Action<byte[]> read) => Try<CheckpointException>(whole, times, seed, read);

    /// <summary>Reads damaged copies of a file. CRIA_DAMAGE in the environment is the number of copies for a longer trial.</summary>
    /// <typeparam name="TException">What the reader may throw: anything else fails the test.</typeparam>
    public static void Try<TException>(byte[] whole, int times, int seed, Action<byte[]> read)
        where TException : Exception
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("CRIA_DAMAGE"), out int more))
            times = more;
        var random = new Random(seed);
        long begin = Stopwatch.GetTimestamp(), most = 0;
        for (int i = 0; i < times; i++)
        {
            byte[] damaged = Do(whole, random);
            var (allocated, seconds) = Measure<TException>(damaged, read);
            // A machine that is shared may halt for a while; what is slow in itself is slow again.
            if (seconds > LongestSeconds)
                (allocated, seconds) = Measure<TException>(damaged, read);
            Assert.InRange(allocated, 0, MostBytes);
            Assert.InRange(seconds, 0, LongestSeconds);
            most = Math.Max(most, allocated);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{times:N0} copies, {Stopwatch.GetElapsedTime(begin).TotalSeconds:F0} s, at most {most:N0} bytes for one");
    }

    private static (long Bytes, double Seconds) Measure<TException>(byte[] damaged, Action<byte[]> read)
        where TException : Exception
    {
        long start = Stopwatch.GetTimestamp(), allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(damaged);
        }
        catch (TException wrong)
        {
            Assert.InRange(wrong.Message.Length, 1, 2_000);
        }
        return (GC.GetAllocatedBytesForCurrentThread() - allocated, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static byte[] Do(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        if (random.Next(8) == 0)
            return bytes[..random.Next(bytes.Length)];
        if (random.Next(16) == 0)
            return [.. bytes, .. bytes.AsSpan(random.Next(bytes.Length))];
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            // Half of the damage goes to the first bytes, where the counts and lengths stand.
            int at = random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Length) : bytes.Length);
            bytes[at] = random.Next(2) == 0 ? Nasty[random.Next(Nasty.Length)] : (byte)random.Next(256);
        }
        return bytes;
    }
}
