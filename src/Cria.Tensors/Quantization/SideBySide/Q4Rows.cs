using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q4_0 (<see cref="Q4"/>) of eight rows: eight scales d, then 32 bytes for each eight columns (<see cref="NibblePairs"/>).</summary>
internal readonly struct Q4Rows : IRowGroup
{
    private const int Quants = 2, Pairs = 16, Heads = SideBySide.Rows * 2;

    public static int Length => 32;

    public static int Size => 18;

    public static int Part => 32;

    public static int Middle => 8;

    public static void Put(ref readonly byte block, int row, ref byte group)
    {
        ref byte from = ref Unsafe.AsRef(in block);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref group, 2 * row), Unsafe.ReadUnaligned<ushort>(ref from));
        Nibbles.Split(in Unsafe.Add(ref from, Quants), out var low, out var high);
        for (int step = 0; step < 4; step++)
        {
            ulong codes = (step < 2 ? low : high).AsUInt64()[step % 2];
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref group, Heads + 32 * step + 4 * row), NibblePairs.Join(codes));
        }
    }

    public static void Take(ref readonly byte group, int row, ref byte block)
    {
        ref byte from = ref Unsafe.AsRef(in group);
        Unsafe.WriteUnaligned(ref block, Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref from, 2 * row)));
        for (int i = 0; i < 2; i++)
        {
            ulong low = NibblePairs.Split(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, Heads + 32 * i + 4 * row)));
            ulong high = NibblePairs.Split(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, Heads + 32 * (i + 2) + 4 * row)));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Quants + Pairs / 2 * i), low | high << 4);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(
        ref readonly byte group, nuint step, out Vector256<short> first, out Vector256<short> second, out Vector256<short> third, out Vector256<short> fourth) =>
        NibblePairs.Load(in Unsafe.Add(ref Unsafe.AsRef(in group), Heads + 32 * step), out first, out second, out third, out fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Units(ref readonly byte group, out Vector256<float> scale, out Vector256<float> offset) => (scale, offset) = (RowBytes.Halves(in group), default);
}
