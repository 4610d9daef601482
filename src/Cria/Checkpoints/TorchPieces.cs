using Cria.Tensors;

namespace Cria.Checkpoints;

/// <summary>Where a tensor is: in one file, or a piece of it in each of several.</summary>
/// <param name="Name">Its name in the files.</param>
/// <param name="Files">In the order of the pieces.</param>
/// <param name="Axis">Along which they are joined.</param>
internal sealed record TorchPieces(string Name, IReadOnlyList<TorchFile> Files, ShardAxis Axis)
{
    public Storage Bytes() => Files.Count == 1 || Axis == ShardAxis.Replicated ? Files[0].Bytes(Name) : Join([.. Files.Select(file => file.Bytes(Name))]);

    /// <summary>The shape of the whole, of vectors or matrices of one shape.</summary>
    public static Shape Joined(Shape piece, ShardAxis axis, int count)
    {
        if (count == 1 || axis == ShardAxis.Replicated)
            return piece;
        if (axis == ShardAxis.Columns)
            return piece.WithColumns((long)piece.Columns * count);
        return piece.Rank == 1 ? new Shape(piece[0] * count) : new Shape(piece[0] * count, piece[1]);
    }

    // Pieces of rows stand one behind another. Of columns, a row of each stands behind one of the one before.
    private Storage Join(IReadOnlyList<Storage> pieces)
    {
        long bytes = pieces[0].Length, rows = Axis == ShardAxis.Rows ? 1 : Math.Max(1, RowsOf(Files[0]));
        var whole = Storage.Allocate(bytes * pieces.Count);
        long run = bytes / rows;
        for (long row = 0; row < rows; row++)
        {
            for (int i = 0; i < pieces.Count; i++)
                Copy(pieces[i], row * run, whole, (row * pieces.Count + i) * run, run);
        }
        return whole;
    }

    private long RowsOf(TorchFile file) => file.Tensors.Find(info => info.Name == Name)!.Shape.Rows;

    private static void Copy(Storage from, long start, Storage to, long at, long count)
    {
        const int chunk = 1 << 30;
        for (long done = 0; done < count; done += chunk)
        {
            int some = (int)Math.Min(chunk, count - done);
            from.Bytes(start + done, some).CopyTo(to.Bytes(at + done, some));
        }
    }
}
