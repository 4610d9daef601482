namespace Cria.Tensors;

/// <summary>What stands between the projections of few rows and their attention, waiting to become one launch: queries and keys turned, keys and values appended.</summary>
internal sealed class FewTurns
{
    private const int Most = 2;

    private readonly List<FewTurn> turns = new(Most);

    public IReadOnlyList<FewTurn> Turns => turns;

    /// <summary>The turned keys on their way into the cache.</summary>
    public FewAppend? Append { get; private set; }

    public void Add(FewTurn turn) => turns.Add(turn);

    public void Add(FewAppend append) => Append = append;

    /// <summary>Whether a second turn by the same angles can join the first.</summary>
    public bool Takes(FewTurn turn) =>
        turns is [var first] && turn.Angles == first.Angles && turn.Rows == first.Rows && turn.Half == first.Half && turn.Y != first.X && turn.X != first.Y && turn.Y != first.Y;

    /// <summary>Whether these are the turned keys, of all rows.</summary>
    public bool TakesKeys(FewAppend append) => Append is null && turns is [_, var keys] && append.From == keys.Y && append.List.Count == keys.Rows;

    /// <summary>Whether these are the values beside the keys.</summary>
    public bool TakesValues(FewAppend append) =>
        Append is { } keys && append.Spans == keys.Spans && append.List.Pointer == keys.List.Pointer && append.Columns == keys.Columns && append.To != keys.To &&
        append.From != turns[0].Y && append.From != turns[1].Y;

    public void Clear()
    {
        turns.Clear();
        Append = null;
    }
}

/// <summary>y (rows, columns) = x turned by the angles of its rows.</summary>
internal readonly record struct FewTurn(DataType Type, nint X, nint Angles, nint Y, int Rows, int Columns, int Half);

/// <summary>Rows on their way into a cache.</summary>
internal readonly record struct FewAppend(DataType Type, nint From, nint To, int Columns, nint Spans, AttentionList List);
