using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cria.Tensors.Quantization;

/// <summary>The same for every type: <typeparamref name="TGroup"/> says where the bits are.</summary>
internal sealed class SideBySide<TGroup> : SideBySide
    where TGroup : struct, IRowGroup
{
    // Columns whose codes a group keeps together.
    private const int Step = 8;

    public override int BlockLength => TGroup.Length;

    private static int GroupBytes => Rows * TGroup.Size;

    public override void Lay(Storage rows, Storage groups, int group) => Move(rows, groups, group, lay: true);

    public override void Take(Storage groups, int group, Storage rows) => Move(rows, groups, group, lay: false);

    private static void Move(Storage rows, Storage groups, int group, bool lay)
    {
        int blocks = groups.RowLength / TGroup.Length;
        long rowBytes = (long)blocks * TGroup.Size;
        ref byte first = ref Group(groups, group, 0);
        for (int row = 0; row < Rows; row++)
        {
            ref byte block = ref rows.Bytes((group * Rows + row) * rowBytes, (int)rowBytes)[0];
            for (int i = 0; i < blocks; i++)
            {
                ref byte one = ref Unsafe.Add(ref block, i * TGroup.Size);
                ref byte eight = ref Unsafe.Add(ref first, i * GroupBytes);
                if (lay)
                    TGroup.Put(in one, row, ref eight);
                else
                    TGroup.Take(in eight, row, ref one);
            }
        }
    }

    public override void Read(Storage groups, long element, Span<float> to)
    {
        Span<float> all = stackalloc float[Rows * TGroup.Length];
        for (int done = 0; done < to.Length; done += TGroup.Length)
        {
            long at = element + done;
            int row = (int)(at / groups.RowLength), column = (int)(at % groups.RowLength);
            ReadGroup(groups, row / Rows, column, TGroup.Length, all);
            all.Slice(row % Rows * TGroup.Length, TGroup.Length).CopyTo(to[done..]);
        }
    }

    public override void ReadGroup(Storage groups, int group, int column, int columns, Span<float> to)
    {
        ref byte from = ref Group(groups, group, column);
        for (int i = 0; i < columns; i += TGroup.Length)
            ReadBlock(in Unsafe.Add(ref from, i / TGroup.Length * GroupBytes), ref to[i], (nuint)columns);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void ReadBlock(ref readonly byte block, ref float to, nuint stride)
    {
        Span<float> turned = stackalloc float[Step * Rows];
        ref float columns = ref turned[0];
        TGroup.Units(in block, out var scale, out var offset);
        for (int step = 0; step < TGroup.Length / Step; step++)
        {
            int part = step * Step / TGroup.Part;
            var (a, b) = (TGroup.Scales(in block, part, scale), TGroup.Offsets(in block, part, offset));
            TGroup.Codes(in block, (nuint)step, out var first, out var second, out var third, out var fourth);
            Store(first, a, b, ref columns);
            Store(second, a, b, ref Unsafe.Add(ref columns, 2 * Rows));
            Store(third, a, b, ref Unsafe.Add(ref columns, 4 * Rows));
            Store(fourth, a, b, ref Unsafe.Add(ref columns, 6 * Rows));
            for (int half = 0; half < Step; half += 4)
                Panel.TurnFour(ref Unsafe.Add(ref columns, half * Rows), Rows, Rows, ref Unsafe.Add(ref to, step * Step + half), stride);
        }
    }

    // Two columns of all rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> pairs, Vector256<float> a, Vector256<float> b, ref float to)
    {
        var middle = Vector256.Create(TGroup.Middle);
        var (even, odd) = ((pairs.AsInt32() << 16 >> 16) - middle, (pairs.AsInt32() >> 16) - middle);
        var (first, second) = (a * Vector256.ConvertToSingle(even), a * Vector256.ConvertToSingle(odd));
        (TGroup.HasOffsets ? first + b : first).StoreUnsafe(ref to);
        (TGroup.HasOffsets ? second + b : second).StoreUnsafe(ref to, Rows);
    }

    public override void Arrange(ReadOnlySpan<float> x, Span<float> arranged)
    {
        for (int i = 0; i < x.Length; i += WideActivations.Length)
            WideActivations.ArrangeParts(x.Slice(i, WideActivations.Length), TGroup.Part, TGroup.Middle, arranged.Slice(i, WideActivations.Length));
    }

    public override void Dot(Storage groups, int group, int count, int rows, ReadOnlySpan<float> x, int xStride, ref float y, int yStride)
    {
        ref float numbers = ref MemoryMarshal.GetReference(x);
        for (int i = 0; i < count; i++)
        {
            ref byte from = ref Group(groups, group + i, 0);
            ref float to = ref Unsafe.Add(ref y, i * Rows);
            switch (rows)
            {
                case 1: SideBySideDot<TGroup>.Multiply<Rows1>(ref from, ref numbers, xStride, groups.RowLength, ref to, yStride); break;
                case 2: SideBySideDot<TGroup>.Multiply<Rows2>(ref from, ref numbers, xStride, groups.RowLength, ref to, yStride); break;
                case 3: SideBySideDot<TGroup>.Multiply<Rows3>(ref from, ref numbers, xStride, groups.RowLength, ref to, yStride); break;
                case 4: SideBySideDot<TGroup>.Multiply<Rows4>(ref from, ref numbers, xStride, groups.RowLength, ref to, yStride); break;
                default: SideBySideDot<TGroup>.MultiplyEight(ref from, ref numbers, xStride, groups.RowLength, ref to, yStride); break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Pack(Storage groups, int first, int count, int width, int start, int terms, TileShape shape, Span<float> panels)
    {
        panels.Clear();
        for (int row = 0; row < count; row += Rows)
        {
            ref float panel = ref panels[row / width * shape.PanelFloats(width, terms) + row % width];
            ref byte block = ref Group(groups, (first + row) / Rows, start);
            for (int done = 0; done < terms; done += TGroup.Length)
            {
                TGroup.Units(in block, out var scale, out var offset);
                for (int part = 0; part < TGroup.Length / TGroup.Part; part++)
                {
                    PackPart(in block, part, scale, offset, ref panel, (nuint)width);
                    panel = ref Unsafe.Add(ref panel, shape.PartFloats(width));
                }
                block = ref Unsafe.Add(ref block, GroupBytes);
            }
        }
    }

    // Scales, offsets where there are some, then the pairs: all of them as they come.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PackPart(ref readonly byte block, int part, Vector256<float> scale, Vector256<float> offset, ref float to, nuint width)
    {
        TGroup.Scales(in block, part, scale).StoreUnsafe(ref to);
        if (TGroup.HasOffsets)
            TGroup.Offsets(in block, part, offset).StoreUnsafe(ref to, width);
        to = ref Unsafe.Add(ref to, TGroup.HasOffsets ? 2 * width : width);
        var middle = Vector256.Create((short)TGroup.Middle);
        for (int step = 0; step < TGroup.Part / Step; step++)
        {
            TGroup.Codes(in block, (nuint)(part * (TGroup.Part / Step) + step), out var first, out var second, out var third, out var fourth);
            (first - middle).AsSingle().StoreUnsafe(ref to);
            (second - middle).AsSingle().StoreUnsafe(ref to, width);
            (third - middle).AsSingle().StoreUnsafe(ref to, 2 * width);
            (fourth - middle).AsSingle().StoreUnsafe(ref to, 3 * width);
            to = ref Unsafe.Add(ref to, 4 * width);
        }
    }

    // From the block of a column on.
    private static ref byte Group(Storage groups, int group, int column)
    {
        long bytes = (long)groups.RowLength / TGroup.Length * GroupBytes;
        int before = column / TGroup.Length * GroupBytes;
        return ref groups.Bytes(group * bytes + before, (int)bytes - before)[0];
    }
}
