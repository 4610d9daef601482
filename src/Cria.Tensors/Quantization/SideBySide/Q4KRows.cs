using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q4_k (<see cref="Q4K"/>) of eight rows: eight d, eight e, the twelve bytes of scales by turns of rows, then 32 bytes for each eight columns.</summary>
internal readonly struct Q4KRows : IRowGroup
{
    private const int Heads = 4, SixBits = 12, Pairs = Heads + SixBits, Lines = SideBySide.Rows * Heads, Quants = SideBySide.Rows * Pairs;
    private const ulong Nibble = 0x0F0F_0F0F_0F0F_0F0F;

    public static int Length => SuperBlock.Length;

    public static int Size => Q4K.Size;

    public static int Part => Q4K.Part;

    public static bool HasOffsets => true;

    public static int Middle => 0;

    public static void Put(ref readonly byte block, int row, ref byte group)
    {
        ref byte from = ref Unsafe.AsRef(in block);
        for (int i = 0; i < Heads; i += 2)
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref group, SideBySide.Rows * i + 2 * row), Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref from, i)));
        for (int i = 0; i < SixBits; i++)
            Unsafe.Add(ref group, Lines + SideBySide.Rows * i + row) = Unsafe.Add(ref from, Heads + i);
        for (int step = 0; step < Length / 8; step++)
        {
            ulong codes = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, Pairs + PairsAt(step))) >> ShiftOf(step) & Nibble;
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref group, Quants + 32 * step + 4 * row), NibblePairs.Join(codes));
        }
    }

    public static void Take(ref readonly byte group, int row, ref byte block)
    {
        ref byte from = ref Unsafe.AsRef(in group);
        for (int i = 0; i < Heads; i += 2)
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, i), Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref from, SideBySide.Rows * i + 2 * row)));
        for (int i = 0; i < SixBits; i++)
            Unsafe.Add(ref block, Heads + i) = Unsafe.Add(ref from, Lines + SideBySide.Rows * i + row);
        Unsafe.InitBlock(ref Unsafe.Add(ref block, Pairs), 0, (uint)Length / 2);
        for (int step = 0; step < Length / 8; step++)
        {
            ref byte to = ref Unsafe.Add(ref block, Pairs + PairsAt(step));
            ulong codes = NibblePairs.Split(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, Quants + 32 * step + 4 * row)));
            Unsafe.WriteUnaligned(ref to, Unsafe.ReadUnaligned<ulong>(ref to) | codes << ShiftOf(step));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(
        ref readonly byte group, nuint step, out Vector256<short> first, out Vector256<short> second, out Vector256<short> third, out Vector256<short> fourth) =>
        NibblePairs.Load(in Unsafe.Add(ref Unsafe.AsRef(in group), Quants + 32 * step), out first, out second, out third, out fourth);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Units(ref readonly byte group, out Vector256<float> scale, out Vector256<float> offset) =>
        (scale, offset) = (RowBytes.Halves(in group), -RowBytes.Halves(in Unsafe.Add(ref Unsafe.AsRef(in group), SideBySide.Rows * 2)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales(ref readonly byte group, int part, Vector256<float> unit)
    {
        var six = part < 4 ? Line(in group, part) & Vector256.Create(63) : Line(in group, part + 4) & Vector256.Create(15) | Line(in group, part - 4) >>> 6 << 4;
        return Vector256.ConvertToSingle(six) * unit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Offsets(ref readonly byte group, int part, Vector256<float> unit)
    {
        var six = part < 4 ? Line(in group, part + 4) & Vector256.Create(63) : Line(in group, part + 4) >>> 4 | Line(in group, part) >>> 6 << 4;
        return Vector256.ConvertToSingle(six) * unit;
    }

    // Byte i of the scales of every row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Line(ref readonly byte group, int i) => RowBytes.Load(in Unsafe.Add(ref Unsafe.AsRef(in group), Lines + SideBySide.Rows * i));

    // Of each 64 numbers the first 32 are low.
    private static int PairsAt(int step) => step / 8 * 32 + step % 4 * 8;

    private static int ShiftOf(int step) => step / 4 % 2 * 4;
}
