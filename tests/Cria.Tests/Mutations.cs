using System.Diagnostics;

namespace Cria.Tests;

/// <summary>Random damage to the bytes of a file: whatever a reader makes of it, it ends soon, in little memory, and in an exception of ours if at all.</summary>
internal static class Mutations
{
    private const long MostBytes = 64 << 20;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(5);

    /// <summary>Reads damaged copies of a file. Set CRIA_MUTATIONS to try more of them than the tests do each time.</summary>
    /// <typeparam name="TException">What a reader may throw; anything else fails the test.</typeparam>
    /// <param name="original">The bytes of a file that is whole.</param>
    /// <param name="read">Reads it to the end.</param>
    /// <param name="count">How many copies.</param>
    public static void Survive<TException>(byte[] original, Action<byte[]> read, int count = 300)
        where TException : Exception
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("CRIA_MUTATIONS"), out int more))
            count = more;
        read(original);
        for (int seed = 0; seed < count; seed++)
            Try<TException>(Mutate(original, new Random(seed)), read, seed);
    }

    private static void Try<TException>(byte[] damaged, Action<byte[]> read, int seed)
        where TException : Exception
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        try
        {
            read(damaged);
        }
        catch (TException)
        {
            // The message is the business of other tests.
        }
        catch (Exception other)
        {
            Assert.Fail($"Copy {seed}: {other}");
        }
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < MostBytes, $"Copy {seed} took {GC.GetAllocatedBytesForCurrentThread() - allocated:N0} bytes.");
        Assert.True(Stopwatch.GetElapsedTime(start) < MostTime, $"Copy {seed} took {Stopwatch.GetElapsedTime(start)}.");
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        byte[] bytes = random.Next(4) == 0 ? original[..random.Next(original.Length)] : [.. original];
        for (int changes = random.Next(1, 8); changes > 0 && bytes.Length > 0; changes--)
        {
            // Headers stand in front: half of the damage goes there.
            int at = random.Next(random.Next(2) == 0 ? bytes.Length : Math.Min(bytes.Length, 256));
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.AsSpan(at, Math.Min(8, bytes.Length - at)).Fill(random.Next(2) == 0 ? (byte)0xFF : (byte)0x7F);
                    break;
                default:
                    int from = random.Next(bytes.Length), length = Math.Min(random.Next(1, 64), bytes.Length - Math.Max(at, from));
                    bytes.AsSpan(from, length).CopyTo(bytes.AsSpan(at));
                    break;
            }
        }
        return bytes;
    }
}
