using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Cria.Tokenizers;

/// <summary>Byte strings as keys of a dictionary, looked up by a span without copying it.</summary>
internal sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

    /// <summary>
    /// Eight bytes at a time, folded by a product of 128 bits. Seeded anew in every process: nobody can write a file whose tokens all collide.
    /// </summary>
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        ulong hash = Seed + (ulong)alternate.Length;
        for (; alternate.Length > 8; alternate = alternate[8..])
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(alternate));
        ulong last = 0;
        for (int i = 0; i < alternate.Length; i++)
            last |= (ulong)alternate[i] << 8 * i;
        hash = Fold(hash ^ last);
        return (int)(hash ^ hash >> 32);
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    private static ulong Fold(ulong value)
    {
        ulong high = Math.BigMul(value, 0x9E3779B97F4A7C15, out ulong low);
        return high ^ low;
    }
}
