using Cria.Tensors;

namespace Cria.Peft;

/// <summary>What an adapter reads of an image.</summary>
/// <param name="Rows">How many rows there may be; empty: any number.</param>
/// <param name="Columns">The numbers of a row.</param>
/// <param name="Because">Where these come from, as messages name it.</param>
internal sealed record ImageShape(IReadOnlyList<int> Rows, int Columns, string Because)
{
    private string Expected => $"{(Rows.Count == 0 ? "any number of" : string.Join(" or ", Rows))} rows of {Columns} numbers, from {Because}";

    /// <summary>Why features of this shape cannot be read, or null.</summary>
    public string? Misfit(Shape found) => found.Rank == 2 && found.Columns == Columns && found.Rows > 0 && (Rows.Count == 0 || Rows.Contains(found.Rows))
        ? null
        : $"expected {Expected}; found {found}";
}
