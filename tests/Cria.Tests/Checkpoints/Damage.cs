using System.Diagnostics;
using Cria.Checkpoints;

namespace Cria.Tests.Checkpoints;

/// <summary>Files with changed, removed and repeated bytes: reading one either works or says what is wrong, and quickly.</summary>
internal static class Damage
{
    private static readonly byte[] Nasty = [0, 1, 0x7F, 0x80, 0xFF, (byte)'"', (byte)'{', (byte)'}', (byte)'[', (byte)'9', (byte)'-'];

    public static void Try(byte[] whole, int times, int seed, Action<byte[]> read)
    {
        var random = new Random(seed);
        for (int i = 0; i < times; i++)
        {
            byte[] damaged = Do(whole, random);
            long start = Stopwatch.GetTimestamp();
            try
            {
                read(damaged);
            }
            catch (CheckpointException wrong)
            {
                Assert.InRange(wrong.Message.Length, 1, 2_000);
            }
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
        }
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
