using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q6_k (<see cref="Q6K"/>) of eight rows: eight d, sixteen scales by turns of rows, 32 bytes with the low bits of each eight columns, then 32 with the high bits of each sixteen.</summary>
internal readonly struct Q6KRows : IRowGroup
{
    private const int Tops = 128, Parts = 192, Scale = 208;
    private const int PartLines = SideBySide.Rows * 2, LowLines = PartLines + SideBySide.Rows * 16, TopLines = LowLines + 32 * 32;
    private const ulong Nibble = 0x0F0F_0F0F_0F0F_0F0F, TwoBits = 0x0303_0303_0303_0303;

    public static int Length => SuperBlock.Length;

    public static int Size => Q6K.Size;

    public static int Part => Q6K.Part;

    public static int Middle => Q6K.Middle;

    public static void Put(ref readonly byte block, int row, ref byte group)
    {
        ref byte from = ref Unsafe.AsRef(in block);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref group, 2 * row), Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref from, Scale)));
        for (int i = 0; i < Length / Part; i++)
            Unsafe.Add(ref group, PartLines + SideBySide.Rows * i + row) = Unsafe.Add(ref from, Parts + i);
        for (int step = 0; step < Length / 8; step++)
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref group, LowLines + 32 * step + 4 * row), NibblePairs.Join(Low(in block, step)));
        for (int step = 0; step < Length / 8; step += 2)
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref group, TopLines + 16 * step + 4 * row), NibblePairs.JoinTwo(Top(in block, step), Top(in block, step + 1)));
    }

    public static void Take(ref readonly byte group, int row, ref byte block)
    {
        ref byte from = ref Unsafe.AsRef(in group);
        Unsafe.InitBlock(ref block, 0, Parts);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref block, Scale), Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref from, 2 * row)));
        for (int i = 0; i < Length / Part; i++)
            Unsafe.Add(ref block, Parts + i) = Unsafe.Add(ref from, PartLines + SideBySide.Rows * i + row);
        for (int step = 0; step < Length / 8; step++)
        {
            ulong codes = NibblePairs.Split(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, LowLines + 32 * step + 4 * row)));
            Join(ref Unsafe.Add(ref block, LowAt(step)), codes << LowShift(step));
        }
        for (int step = 0; step < Length / 8; step += 2)
        {
            NibblePairs.SplitTwo(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, TopLines + 16 * step + 4 * row)), out ulong first, out ulong second);
            Join(ref Unsafe.Add(ref block, TopAt(step)), first << TopShift(step));
            Join(ref Unsafe.Add(ref block, TopAt(step + 1)), second << TopShift(step + 1));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(
        ref readonly byte group, nuint step, out Vector256<short> first, out Vector256<short> second, out Vector256<short> third, out Vector256<short> fourth)
    {
        ref byte start = ref Unsafe.AsRef(in group);
        NibblePairs.Load(in Unsafe.Add(ref start, LowLines + 32 * step), out first, out second, out third, out fourth);
        var tops = Vector256.LoadUnsafe(ref start, TopLines + 32 * (step / 2)).AsInt16() >>> (int)(8 * (step % 2));
        var mask = Vector256.Create((short)48);
        (first, second) = (first | tops << 4 & mask, second | tops << 2 & mask);
        (third, fourth) = (third | tops & mask, fourth | tops >>> 2 & mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Units(ref readonly byte group, out Vector256<float> scale, out Vector256<float> offset) => (scale, offset) = (RowBytes.Halves(in group), default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scales(ref readonly byte group, int part, Vector256<float> unit) =>
        Vector256.ConvertToSingle(RowBytes.LoadSigned(in Unsafe.Add(ref Unsafe.AsRef(in group), PartLines + SideBySide.Rows * part))) * unit;

    private static ulong Low(ref readonly byte block, int step) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref Unsafe.AsRef(in block), LowAt(step))) >> LowShift(step) & Nibble;

    private static ulong Top(ref readonly byte block, int step) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref Unsafe.AsRef(in block), TopAt(step))) >> TopShift(step) & TwoBits;

    private static void Join(ref byte to, ulong bits) => Unsafe.WriteUnaligned(ref to, Unsafe.ReadUnaligned<ulong>(ref to) | bits);

    // Of each 128 numbers the first 64 are low, and each 32 have their two bits higher than those before.
    private static int LowAt(int step) => step / 16 * 64 + step % 8 * 8;

    private static int LowShift(int step) => step / 8 % 2 * 4;

    private static int TopAt(int step) => Tops + step / 16 * 32 + step % 4 * 8;

    private static int TopShift(int step) => step / 4 % 4 * 2;
}
