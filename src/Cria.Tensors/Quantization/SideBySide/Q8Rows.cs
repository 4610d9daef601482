using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>q8_0 (<see cref="Q8"/>) of eight rows: eight scales d, then for each two columns two bytes of every row.</summary>
internal readonly struct Q8Rows : IRowGroup
{
    private const int Quants = 2, Heads = SideBySide.Rows * 2, PairBytes = SideBySide.Rows * 2;

    public static int Length => 32;

    public static int Size => 34;

    public static int Part => 32;

    public static int Middle => 0;

    public static void Put(ref readonly byte block, int row, ref byte group) => Move(ref Unsafe.AsRef(in block), row, ref group, take: false);

    public static void Take(ref readonly byte group, int row, ref byte block) => Move(ref block, row, ref Unsafe.AsRef(in group), take: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Codes(
        ref readonly byte group, nuint step, out Vector256<short> first, out Vector256<short> second, out Vector256<short> third, out Vector256<short> fourth)
    {
        ref byte at = ref Unsafe.Add(ref Unsafe.AsRef(in group), Heads + 4 * PairBytes * step);
        (first, second) = (Widen(in at, 0), Widen(in at, 1));
        (third, fourth) = (Widen(in at, 2), Widen(in at, 3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Units(ref readonly byte group, out Vector256<float> scale, out Vector256<float> offset) => (scale, offset) = (RowBytes.Halves(in group), default);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Widen(ref readonly byte at, nuint pair) => SignedBytes.Widen(Vector128.LoadUnsafe(in at, pair * PairBytes).AsSByte());

    // The scale, then the numbers two by two.
    private static void Move(ref byte block, int row, ref byte group, bool take)
    {
        for (int i = 0; i <= Length / 2; i++)
        {
            ref byte one = ref Unsafe.Add(ref block, Quants * i);
            ref byte many = ref Unsafe.Add(ref group, PairBytes * i + 2 * row);
            if (take)
                Unsafe.WriteUnaligned(ref one, Unsafe.ReadUnaligned<ushort>(ref many));
            else
                Unsafe.WriteUnaligned(ref many, Unsafe.ReadUnaligned<ushort>(ref one));
        }
    }
}
